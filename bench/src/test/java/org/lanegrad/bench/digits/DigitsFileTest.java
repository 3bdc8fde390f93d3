package org.lanegrad.bench.digits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigitsFileTest {
  private static final String ROW = "0,16," + "1,".repeat(62) + "7";

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("some.tra");
  }

  @Test
  void readsPixelsAndLabels() throws IOException {
    Files.writeString(file, ROW + "\n" + ROW.replace(",7", ",0") + "\n");
    Digits digits = DigitsFile.read(file);
    assertThat(digits.size()).isEqualTo(2);
    assertThat(digits.labels()).containsExactly(7, 0);
    assertThat(digits.pixels()[1]).isEqualTo(1f);
    assertThat(digits.pixels()[64 + 2]).isEqualTo(1 / 16f);
  }

  @Test
  void anEmptyFileIsRefused() throws IOException {
    Files.writeString(file, "\n");
    assertThatThrownBy(() -> DigitsFile.read(file))
        .isInstanceOf(MalformedDigitsException.class)
        .hasMessage(file + " is empty, expected a line an image");
  }

  @Test
  void aRaggedLineIsNamed() throws IOException {
    Files.writeString(file, ROW + "\n1,2,3\n");
    assertThatThrownBy(() -> DigitsFile.read(file))
        .hasMessage(file + ", line 2: 3 values, expected 65 (64 pixels and the digit)");
  }

  @Test
  void aValueThatIsNoNumberIsNamedWithLineAndColumn() throws IOException {
    Files.writeString(file, ROW + "\n" + ROW.replaceFirst("16", "x") + "\n");
    assertThatThrownBy(() -> DigitsFile.read(file))
        .hasMessage(file + ", line 2, column 2: \"x\", expected an integer 0 … 16");
    Files.writeString(file, ROW.replaceFirst("16", "17"));
    assertThatThrownBy(() -> DigitsFile.read(file)).hasMessageContaining("column 2: \"17\"");
    Files.writeString(file, ROW.replace(",7", ",10"));
    assertThatThrownBy(() -> DigitsFile.read(file))
        .hasMessageContaining("line 1, column 65: \"10\", expected an integer 0 … 9");
  }
}
