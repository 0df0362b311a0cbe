package phaistos.histories;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Detects a text's charset by its byte order mark, or by the places of its zero bytes. */
final class Charsets {
  private static final int LOOKED_AT = 64;

  private Charsets() {}

  /** The charset: UTF-8, unless the first bytes are of UTF-16 or UTF-32. */
  static Charset tell(byte[] head) {
    if (head.length >= 4) {
      int word =
          (head[0] & 0xFF) << 24 | (head[1] & 0xFF) << 16 | (head[2] & 0xFF) << 8 | head[3] & 0xFF;
      if (word == 0x0000FEFF) {
        return Charset.forName("UTF-32BE");
      }
      if (word == 0xFFFE0000) {
        return Charset.forName("UTF-32LE");
      }
    }
    if (head.length >= 2) {
      int mark = (head[0] & 0xFF) << 8 | head[1] & 0xFF;
      if (mark == 0xFEFF) {
        return StandardCharsets.UTF_16BE;
      }
      if (mark == 0xFFFE) {
        return StandardCharsets.UTF_16LE;
      }
    }
    return withoutMark(head);
  }

  /**
   * The charset without a mark. A history begins with ASCII, where every second byte of UTF-16 is
   * zero.
   */
  private static Charset withoutMark(byte[] head) {
    int length = Math.min(head.length, LOOKED_AT) & ~1;
    boolean isBig = length > 0;
    boolean isLittle = length > 0;
    for (int i = 0; i < length; i += 2) {
      isBig &= head[i] == 0 && head[i + 1] > 0;
      isLittle &= head[i] > 0 && head[i + 1] == 0;
    }
    return isBig
        ? StandardCharsets.UTF_16BE
        : isLittle ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_8;
  }
}
