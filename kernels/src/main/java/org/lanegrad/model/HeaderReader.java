package org.lanegrad.model;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the JSON of a safetensors header, and of nothing else: objects, strings and arrays of whole
 * numbers, in the order in which the caller asks for them.
 */
final class HeaderReader {
  private final Path file;
  private final byte[] json;
  private final long fileOffset;
  private int at;

  /**
   * A reader of some bytes.
   *
   * @param fileOffset where they stand in the file, for messages
   */
  HeaderReader(Path file, byte[] json, long fileOffset) {
    this.file = file;
    this.json = json;
    this.fileOffset = fileOffset;
  }

  MalformedFileException wrong(String cause) {
    return new MalformedFileException(file, fileOffset + at, cause);
  }

  private void skipBlanks() {
    while (at < json.length
        && (json[at] == ' ' || json[at] == '\t' || json[at] == '\n' || json[at] == '\r')) {
      at++;
    }
  }

  /** Takes a character if it is next. */
  boolean takes(char wanted) {
    skipBlanks();
    if (at < json.length && json[at] == wanted) {
      at++;
      return true;
    }
    return false;
  }

  /** Takes a character that must be next. */
  void expect(char wanted) throws MalformedFileException {
    if (!takes(wanted)) {
      throw wrong("expected '" + wanted + "' but " + next());
    }
  }

  private String next() {
    return at < json.length ? "'" + (char) (json[at] & 0xff) + "' is there" : "the header ends";
  }

  /** Throws unless nothing is left. */
  void end() throws MalformedFileException {
    skipBlanks();
    if (at < json.length) {
      throw wrong("expected the header's end but " + next());
    }
  }

  /** A string. */
  String string() throws MalformedFileException {
    expect('"');
    StringBuilder text = new StringBuilder();
    int plain = at;
    while (true) {
      if (at >= json.length) {
        throw wrong("a string does not end");
      }
      int c = json[at] & 0xff;
      if (c == '"' || c == '\\') {
        text.append(decoded(plain, at));
        at++;
        if (c == '"') {
          return text.toString();
        }
        text.append(escaped());
        plain = at;
      } else if (c < ' ') {
        throw wrong("a string holds the control character " + c);
      } else {
        at++;
      }
    }
  }

  private String decoded(int from, int to) throws MalformedFileException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(json, from, to - from))
          .toString();
    } catch (CharacterCodingException e) {
      MalformedFileException wrong = wrong("a string is not UTF-8");
      wrong.initCause(e);
      throw wrong;
    }
  }

  private char escaped() throws MalformedFileException {
    if (at >= json.length) {
      throw wrong("a string does not end");
    }
    char c = (char) json[at++];
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int code = 0;
        for (int i = 0; i < 4; i++) {
          int digit = at < json.length ? Character.digit((char) json[at], 16) : -1;
          if (digit < 0) {
            throw wrong("expected four hexadecimal digits after \\u");
          }
          code = 16 * code + digit;
          at++;
        }
        yield (char) code;
      }
      default -> throw wrong("no such escape: \\" + c);
    };
  }

  /** An array of whole numbers of 0 or more, none above 2^53, at most so many. */
  List<Long> numbers(int most) throws MalformedFileException {
    expect('[');
    List<Long> numbers = new ArrayList<>();
    if (takes(']')) {
      return numbers;
    }
    do {
      if (numbers.size() == most) {
        throw wrong("an array has more than " + most + " numbers");
      }
      numbers.add(number());
    } while (takes(','));
    expect(']');
    return numbers;
  }

  private long number() throws MalformedFileException {
    skipBlanks();
    int from = at;
    long value = 0;
    while (at < json.length && json[at] >= '0' && json[at] <= '9') {
      value = 10 * value + (json[at] - '0');
      if (value > 1L << 53) {
        throw wrong("a number is above 2^53");
      }
      at++;
    }
    boolean leads = at - from > 1 && json[from] == '0';
    if (at == from || leads) {
      throw wrong("expected a whole number of 0 or more but " + next());
    }
    return value;
  }
}
