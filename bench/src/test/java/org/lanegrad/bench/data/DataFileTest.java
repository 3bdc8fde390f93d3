package org.lanegrad.bench.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;

/** Files of numbers: what is read, and how what is wrong is answered. */
@Execution(CONCURRENT)
class DataFileTest {
  private static final long MUTATIONS = Long.getLong("lanegrad.mutations", 2_000);

  @TempDir private Path folder;

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private Path csv(String text) throws IOException {
    return file("some.csv", text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] idx(int type, int... dimensions) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(type << 8 | dimensions.length);
    int size = 1;
    for (int dimension : dimensions) {
      out.writeInt(dimension);
      size *= dimension;
    }
    for (int i = 0; i < size; i++) {
      if (type == 0x0d) {
        out.writeFloat(i);
      } else {
        out.writeByte(i);
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] npy(String header, int bytesOfData) {
    byte[] text = (header + "\n").getBytes(StandardCharsets.US_ASCII);
    ByteBuffer all = ByteBuffer.allocate(10 + text.length + bytesOfData);
    all.order(ByteOrder.LITTLE_ENDIAN);
    all.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    all.put((byte) 1).put((byte) 0).putShort((short) text.length).put(text);
    while (all.remaining() >= 4) {
      all.putFloat(all.remaining());
    }
    return all.array();
  }

  private static String header(String type, String shape) {
    return "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(bytes);
    }
    return zipped.toByteArray();
  }

  @Test
  void csvHasItsLabelLastAndMayHaveNamesAndBlankLines() throws IOException {
    DataSet set = DataFile.labelled(csv("a, b,class\n\n1,2.5,0\n 3 ,-4e1, 2\n\n"), null);
    assertThat(set.rows().array()).containsExactly(1, 2.5f, 3, -40);
    assertThat(set.labels()).containsExactly(0, 2);
    assertThat(set.classes()).isEqualTo(3);
    assertThat(DataFile.unlabelled(csv("1,2\n3,4")).rows().columns()).isEqualTo(2);
    assertThat(DataFile.unlabelled(csv("\ufeff1,2\r\n\"3\",4\r\n")).rows().array())
        .containsExactly(1, 2, 3, 4);
  }

  @Test
  void anIdxPairIsReadGzippedOrNot() throws IOException {
    Path images = file("images", gzip(idx(8, 3, 2, 2)));
    Path labels = file("labels", idx(8, 3));
    DataSet set = DataFile.labelled(images, labels);
    assertThat(set.rows().rows()).isEqualTo(3);
    assertThat(set.rows().array()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    assertThat(set.labels()).containsExactly(0, 1, 2);
    assertThat(DataFile.unlabelled(file("floats", idx(0x0d, 2, 2))).rows().get(1, 1)).isEqualTo(3);
  }

  @Test
  void npyIsRead() throws IOException {
    DataSet set = DataFile.unlabelled(file("a.npy", npy(header("<f4", "2, 3"), 24)));
    assertThat(set.rows().rows()).isEqualTo(2);
    assertThat(set.rows().array()).containsExactly(24, 20, 16, 12, 8, 4);
  }

  private void refused(Path file, String message) {
    assertThatThrownBy(() -> DataFile.labelled(file, null))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void whatIsWrongWithTextIsNamedWithItsLine() throws IOException {
    refused(csv("1,2\n\n\n3,x\n"), "line 4, column 2: \"x\", expected a number");
    refused(csv("1;2\n3;4\n"), "line 2, column 1: \"3;4\", expected a number, and commas between");
    refused(csv("1,2\n3,4,5\n"), "line 2: 3 values, expected 2 as in the first line");
    refused(csv("1,2\n3,0.5\n"), "line 2, column 2, the label is 0.5, expected a whole number");
    refused(csv("1,2\n3,-1\n"), "line 2, column 2, the label is -1.0");
    refused(csv("1,2\n3,NaN\n"), "line 2, column 2: \"NaN\", expected a number");
    refused(csv("1,2\nInfinity,4\n"), "line 2, column 1: \"Infinity\", expected a number");
    refused(csv("7\n8\n"), "it has 1 column, expected some and then the label");
    refused(csv(""), "it is empty");
    refused(csv("\n\n"), "no rows of numbers");
    refused(csv("a,b\n"), "no rows of numbers");
    refused(file("binary", new byte[] {'1', ',', (byte) 0xff, (byte) 0xfe, 3, 4}), "UTF-8");
    refused(folder.resolve("none"), "no such file");
    refused(folder, "a folder, expected a file");
  }

  @Test
  void whatIsWrongWithBinaryFilesIsNamed() throws IOException {
    byte[] whole = idx(8, 3, 4);
    refused(file("short", Arrays.copyOf(whole, whole.length - 1)), "it ends too early");
    refused(file("long", Arrays.copyOf(whole, whole.length + 1)), "goes on after");
    refused(file("type", idx(0x0a, 1)), "IDX of type 10");
    byte[] huge = idx(8, 1);
    ByteBuffer.wrap(huge).putInt(4, 2_000_000_000);
    refused(file("huge", huge), "it ends too early");
    ByteBuffer.wrap(huge).putInt(4, -5);
    refused(file("negative", huge), "it has -5 × 1 elements");
    byte[] zipped = gzip(whole);
    refused(file("cut.gz", Arrays.copyOf(zipped, zipped.length - 9)), "too early");
    zipped[zipped.length - 6] ^= 1;
    refused(file("bad.gz", zipped), "no whole gzip file");
    refused(file("a.npy", npy(header(">f4", "2, 3"), 24)), "of type >f4, expected");
    refused(file("b.npy", npy(header("<f4", "2, 3"), 20)), "ends too early");
    refused(file("c.npy", npy("{'descr': '<f4'}", 20)), "names no order");
    refused(
        file("d.npy", npy(header("<f4", "2, 3").replace("False", "True"), 24)), "column by column");
    refused(file("e.npy", npy(header("<f4", "99999999999, 3"), 24)), "elements, expected 1");
    Path images = file("images", idx(8, 3, 4));
    Path labels = file("labels", idx(8, 2));
    assertThatThrownBy(() -> DataFile.labelled(images, labels))
        .hasMessageContaining("it has 2 labels, and ")
        .hasMessageContaining("has 3 rows");
  }

  /** Seeded; {@code -Dlanegrad.mutations=100000} for more. */
  @Test
  void damagedFilesAreReadOrRefusedAndNothingElse() throws IOException {
    byte[][] whole = {
      idx(8, 5, 2, 2),
      idx(0x0d, 4, 3),
      gzip(idx(8, 5, 4)),
      npy(header("<f4", "4, 3"), 48),
      "a,b,c\n1,2,0\n3,4,1\n".getBytes(StandardCharsets.UTF_8)
    };
    SplittableRandom random = new SplittableRandom(1);
    int refused = 0;
    for (long i = 0; i < MUTATIONS; i++) {
      byte[] bytes = whole[(int) (i % whole.length)].clone();
      for (int hits = random.nextInt(1, 5); hits > 0; hits--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      if (random.nextInt(4) == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      }
      Path file = file("damaged", bytes);
      try {
        DataSet set = DataFile.labelled(file, null);
        assertThat(set.labels()).hasSize(set.size());
      } catch (IOException e) {
        assertThat(e).hasMessageContaining(file.toString());
        refused++;
      }
    }
    assertThat(refused).isBetween((int) MUTATIONS / 4, (int) MUTATIONS);
  }
}
