package org.lanegrad.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lanegrad.Matrix;

/** What is written is read again; a file that lies about itself is refused by name. */
class SafeTensorsTest {
  private static final String ONE = "{'w':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]}}";

  @TempDir private Path folder;

  private Path file(String header, int dataBytes) throws IOException {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return file(json.length, json, dataBytes);
  }

  private Path file(long length, byte[] header, int dataBytes) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).put(header);
    for (int i = 0; i + 4 <= dataBytes; i += 4) {
      bytes.putFloat(i + 0.5f);
    }
    return Files.write(folder.resolve("m.safetensors"), bytes.array());
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    Map<String, Matrix> matrices = new LinkedHashMap<>();
    Matrix gaps = Matrix.of(new float[40], 3, 3, 5, 9);
    for (int i = 0; i < 15; i++) {
      gaps.set(i / 5, i % 5, 1f / (i + 1));
    }
    gaps.set(0, 1, Float.NaN);
    gaps.set(2, 4, Float.NEGATIVE_INFINITY);
    gaps.set(1, 1, -0f);
    matrices.put("gaps", gaps);
    matrices.put("transposed \"ü\" \n \uD83D\uDE00 \uD800 \\", gaps.transposed());
    matrices.put("nothing", Matrix.zeros(0, 7));
    matrices.put("large", Matrix.zeros(300, 301));
    matrices.get("large").set(299, 300, 5f);
    Map<String, String> metadata = Map.of("step", "12", "a\tkey", "é");
    Path file = folder.resolve("written.safetensors");
    SafeTensors.write(file, matrices, metadata);
    SafeTensors read = SafeTensors.read(file);
    assertThat(read.names()).containsExactlyElementsOf(matrices.keySet());
    assertThat(read.metadata()).isEqualTo(metadata);
    matrices.forEach((name, matrix) -> assertSame(read.matrix(name), matrix));
    Map<String, Matrix> targets = new LinkedHashMap<>();
    matrices.forEach(
        (name, matrix) ->
            targets.put(
                name,
                matrix.isTransposed()
                    ? Matrix.zeros(/* rows= */ matrix.columns(), /* columns= */ matrix.rows())
                        .transposed()
                    : Matrix.aligned(matrix.rows(), matrix.columns())));
    read.copyTo(targets);
    targets.forEach((name, matrix) -> assertSame(matrix, matrices.get(name)));
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(file);
    }
  }

  private static void assertSame(Matrix actual, Matrix expected) {
    assertThat(actual.rows()).isEqualTo(expected.rows());
    assertThat(actual.columns()).isEqualTo(expected.columns());
    for (int i = 0; i < expected.rows(); i++) {
      for (int j = 0; j < expected.columns(); j++) {
        assertThat(Float.floatToRawIntBits(actual.get(i, j)))
            .isEqualTo(Float.floatToRawIntBits(expected.get(i, j)));
      }
    }
  }

  @Test
  void halvesAreReadAsFloats() throws IOException {
    Path file =
        file(
            "{'a':{'dtype':'BF16','shape':[2],'data_offsets':[0,4]},"
                + "'b':{'dtype':'F16','shape':[1,2,1],'data_offsets':[4,8]},"
                + "'c':{'dtype':'I64','shape':[],'data_offsets':[8,16]}}",
            16);
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = bytes.length - 16;
    data.putShort(at, (short) 0x3fc0).putShort(at + 2, (short) 0xff80);
    data.putShort(at + 4, Float.floatToFloat16(0.333f)).putShort(at + 6, (short) 0x0001);
    Files.write(file, bytes);
    SafeTensors read = SafeTensors.read(file);
    assertThat(read.matrix("a").array()).containsExactly(1.5f, Float.NEGATIVE_INFINITY);
    assertThat(read.matrix("a").rows()).isEqualTo(1);
    assertThat(read.matrix("b").array())
        .containsExactly(Float.float16ToFloat(Float.floatToFloat16(0.333f)), 0x1p-24f);
    assertThat(read.matrix("b").rows()).isEqualTo(2);
    assertThat(read.tensor("c").shape()).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read.matrix("c"))
        .withMessage("the tensor c is I64, expected F32, F16 or BF16");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read.matrix("d"))
        .withMessageContaining("has no tensor d, expected one of [a, b, c]");
  }

  @Test
  void parametersOfAnotherNetworkAreRefusedByTheFirstDifference() throws IOException {
    SafeTensors read = SafeTensors.read(file(ONE, 16));
    Matrix w = Matrix.zeros(2, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read.copyTo(Map.of("w", w)))
        .withMessageEndingWith("m.safetensors: w is [2, 2], expected 2 × 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read.copyTo(Map.of("v", w)))
        .withMessageEndingWith("has no tensor v, expected one of [w]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read.copyTo(Map.of()))
        .withMessageEndingWith("has a tensor w, expected only []");
  }

  /** A way to lie, and what is said of it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'w':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]}} |12| the tensors have 16 bytes, but the file holds 12 of data",
        "{'w':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]}} |20| the tensors have 16 bytes, but the file holds 20 of data",
        "{'w':{'dtype':'F32','shape':[2,3],'data_offsets':[0,16]}} |16| of shape [2, 3] has 16 bytes of F32, expected 24",
        "{'w':{'dtype':'F33','shape':[2,2],'data_offsets':[0,16]}} |16| unknown dtype, F33",
        "{'w':{'dtype':'F32','shape':[-2,2],'data_offsets':[0,16]}} |16| expected a whole number of 0 or more but '-' is there",
        "{'w':{'dtype':'F32','shape':[2.0,2],'data_offsets':[0,16]}} |16| expected ']' but '.' is there",
        "{'w':{'dtype':'F32','shape':[02,2],'data_offsets':[0,16]}} |16| expected a whole number",
        "{'w':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,16]}} |16| a number is above 2^53",
        "{'w':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,16]}} |16| too many elements",
        "{'w':{'dtype':'F32','shape':[0,9007199254740992,9007199254740992],'data_offsets':[0,0]}} |0| too many elements",
        "{'w':{'dtype':'F32','shape':[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,4],'data_offsets':[0,16]}} |16| an array has more than 16 numbers",
        "{'w':{'dtype':'F32','shape':[2,2],'data_offsets':[16,0]}} |16| ends before it begins",
        "{'w':{'dtype':'F32','shape':[2,2],'data_offsets':[0]}} |16| data_offsets of the tensor w are [0], expected two",
        "{'w':{'dtype':'F32','shape':[2,2],'data_offsets':[0,8,16]}} |16| an array has more than 2 numbers",
        "{'w':{'dtype':'F32','shape':[2,2]}} |16| the tensor w has no data_offsets",
        "{'w':{'shape':[2,2],'data_offsets':[0,16]}} |16| the tensor w has no dtype",
        "{'w':{'dtype':'F32','dtype':'F32','shape':[2,2],'data_offsets':[0,16]}} |16| dtype of the tensor w comes twice",
        "{'w':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16],'x':1}} |16| unknown key, x",
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'w':{'dtype':'F32','shape':[2],'data_offsets':[8,16]}} |16| the tensor w comes twice",
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'v':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}} |16| the tensor v begins at 4 of the data, expected 8: it overlaps another",
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'v':{'dtype':'F32','shape':[1],'data_offsets':[12,16]}} |16| the tensor v begins at 12 of the data, expected 8: there is a hole before it",
        "{'w':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]} |16| expected '}' but the header ends",
        "{'w':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]}}} |16| expected the header's end but '}' is there",
        "{'w':{'dtype':'F32','shape':[2,2],'data_offsets':[0,16]},} |16| ~expected '\"' but '}' is there~",
        "['w'] |16| expected '{' but '[' is there",
        "{'__metadata__':{'a':1}} |0| ~expected '\"' but '1' is there~",
        "{'__metadata__':{'a':'1','a':'2'}} |0| the metadata a comes twice",
        "{'__metadata__':{},'__metadata__':{}} |0| __metadata__ comes twice",
        "{'w\\x':{}} |0| no such escape: \\x",
        "{'w\\u12g4':{}} |0| expected four hexadecimal digits",
        "{'w |0| a string does not end"
      })
  void aFileThatLiesIsRefusedByName(String header, int dataBytes, String cause) throws IOException {
    Path file = file(header.strip(), dataBytes);
    assertThatThrownBy(() -> SafeTensors.read(file))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(cause.strip());
  }

  @Test
  void lengthsThatLieAreRefused() throws IOException {
    byte[] json = ONE.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    for (long length : new long[] {-1, Long.MAX_VALUE, 1L << 40, json.length + 17}) {
      Path file = file(length, json, 16);
      assertThatThrownBy(() -> SafeTensors.read(file))
          .isInstanceOf(MalformedFileException.class)
          .hasMessageContaining("byte 0: the header's length is " + Long.toUnsignedString(length));
    }
    Path stub = Files.write(folder.resolve("stub"), new byte[7]);
    assertThatThrownBy(() -> SafeTensors.read(stub))
        .hasMessage(stub + ": it has 7 bytes, expected at least 8");
    assertThatThrownBy(() -> SafeTensors.read(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> SafeTensors.read(folder))
        .hasMessage(folder + ": a folder, expected a file");
    assertThatThrownBy(() -> OnnxFile.read(folder))
        .hasMessage(folder + ": a folder, expected a file");
    assertThatThrownBy(
            () -> SafeTensors.write(folder.resolve("none").resolve("x"), Map.of(), Map.of()))
        .hasMessage(folder.resolve("none") + ": no such folder");
    byte[] latin = {'{', '"', (byte) 0xe9, '"', ':', '{', '}', '}'};
    Path wrong = file(latin.length, latin, 0);
    assertThatThrownBy(() -> SafeTensors.read(wrong)).hasMessageContaining("is not UTF-8");
  }

  /** Each of 100,000 damaged files is refused or read, and nothing else happens. */
  @Test
  void damagedFilesDoNoHarm() throws IOException {
    Map<String, Matrix> matrices = new LinkedHashMap<>();
    matrices.put("first.weight", Matrix.zeros(3, 5));
    matrices.put("first.bias", Matrix.zeros(1, 5));
    matrices.put("second.weight", Matrix.zeros(5, 2));
    Path file = folder.resolve("right");
    SafeTensors.write(file, matrices, Map.of("step", "3"));
    byte[] right = Files.readAllBytes(file);
    SplittableRandom random = new SplittableRandom(17);
    int refused = 0;
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = right.clone();
      int changes = 1 + random.nextInt(3);
      for (int c = 0; c < changes; c++) {
        int at = random.nextInt(random.nextBoolean() ? 16 : bytes.length);
        bytes[at] =
            (byte)
                (random.nextBoolean() ? random.nextInt(256) : bytes[at] ^ 1 << random.nextInt(8));
      }
      int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
      try {
        SafeTensors read =
            SafeTensors.of(file, MemorySegment.ofArray(Arrays.copyOf(bytes, length)));
        for (String name : read.names()) {
          String type = read.tensor(name).type();
          if (type.equals("F32") || type.equals("F16") || type.equals("BF16")) {
            read.matrix(name);
          }
        }
      } catch (MalformedFileException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(50_000, 99_999);
  }
}
