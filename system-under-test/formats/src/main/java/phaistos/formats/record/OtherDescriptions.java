package phaistos.formats.record;

import phaistos.formats.wal.WalRecord;

/** What pg_waldump prints for records whose body is not taken apart. */
final class OtherDescriptions {
  private OtherDescriptions() {}

  static void describe(StringBuilder out, WalRecord record) {}
}
