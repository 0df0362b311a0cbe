package phaistos.formats;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * What real servers of each version wrote under a workload of ours: a few records of every kind
 * that came up, each with the line that the version's own pg_waldump prints for it, and the first
 * 296 bytes of a control file. Resource {@code records-V15.txt.gz} and its like: a line for each
 * record with its bytes in hexadecimal, its position and its text; control files without the two.
 */
public final class VersionSamples {
  private VersionSamples() {}

  /** A record's bytes and pg_waldump's line. */
  public record Sample(byte[] bytes, Lsn lsn, String line) {}

  public static List<Sample> records(Version version) {
    return lines(version).stream()
        .filter(line -> !line.startsWith("control\t"))
        .map(
            line -> {
              String[] parts = line.split("\t", 3);
              return new Sample(HexFormat.of().parseHex(parts[0]), Lsn.parse(parts[1]), parts[2]);
            })
        .toList();
  }

  public static byte[] control(Version version) {
    String line =
        lines(version).stream().filter(l -> l.startsWith("control\t")).findFirst().orElseThrow();
    return HexFormat.of().parseHex(line.substring(8));
  }

  private static List<String> lines(Version version) {
    String name = "/records-%s.txt.gz".formatted(version.name());
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(VersionSamples.class.getResourceAsStream(name)),
                StandardCharsets.ISO_8859_1))) {
      return in.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
