package phaistos.server.types;

import java.util.Locale;
import java.util.Optional;

/** The types that the server knows, with PostgreSQL's OIDs, lengths and alignments. */
public enum SqlType {
  BOOL("boolean", 16, 1, 1),
  INT8("bigint", 20, 8, 8),
  INT2("smallint", 21, 2, 2),
  INT4("integer", 23, 4, 4),
  TEXT("text", 25, -1, 4),
  NAME("name", 19, 64, 1),
  FLOAT8("double precision", 701, 8, 8),
  UNKNOWN("unknown", 705, -2, 1),
  BPCHAR("character", 1042, -1, 4),
  VARCHAR("character varying", 1043, -1, 4),
  TIMESTAMP("timestamp without time zone", 1114, 8, 8),
  TIMESTAMPTZ("timestamp with time zone", 1184, 8, 8),
  NUMERIC("numeric", 1700, -1, 4),
  VOID("void", 2278, 4, 4),
  PG_LSN("pg_lsn", 3220, 8, 8),
  XID8("xid8", 5069, 8, 8),
  XID("xid", 28, 4, 4),
  OID("oid", 26, 4, 4);

  private final String label;
  private final int oid;
  private final int length;
  private final int alignment;

  SqlType(String label, int oid, int length, int alignment) {
    this.label = label;
    this.oid = oid;
    this.length = length;
    this.alignment = alignment;
  }

  /** PostgreSQL's name of the type. */
  public String label() {
    return label;
  }

  public int oid() {
    return oid;
  }

  /** Bytes in a tuple, or negative for variable length. */
  public int length() {
    return length;
  }

  public int alignment() {
    return alignment;
  }

  public boolean isText() {
    return switch (this) {
      case TEXT, NAME, UNKNOWN, BPCHAR, VARCHAR -> true;
      case BOOL,
          INT8,
          INT2,
          INT4,
          FLOAT8,
          TIMESTAMP,
          TIMESTAMPTZ,
          NUMERIC,
          VOID,
          PG_LSN,
          XID8,
          XID,
          OID ->
          false;
    };
  }

  public boolean isInteger() {
    return this == INT2 || this == INT4 || this == INT8;
  }

  public boolean isNumber() {
    return isInteger() || this == FLOAT8 || this == NUMERIC;
  }

  /** By a name in SQL. */
  public static Optional<SqlType> named(String name) {
    String word = name.toLowerCase(Locale.ROOT).strip();
    if (word.startsWith("pg_catalog.")) {
      word = word.substring("pg_catalog.".length());
    }
    return switch (word) {
      case "bool", "boolean" -> Optional.of(BOOL);
      case "int8", "bigint", "bigserial", "serial8" -> Optional.of(INT8);
      case "int2", "smallint", "smallserial" -> Optional.of(INT2);
      case "int", "int4", "integer", "serial", "serial4" -> Optional.of(INT4);
      case "text" -> Optional.of(TEXT);
      case "name" -> Optional.of(NAME);
      case "float8", "double precision", "float", "double" -> Optional.of(FLOAT8);
      case "char", "character", "bpchar" -> Optional.of(BPCHAR);
      case "varchar", "character varying" -> Optional.of(VARCHAR);
      case "timestamp", "timestamp without time zone" -> Optional.of(TIMESTAMP);
      case "timestamptz", "timestamp with time zone" -> Optional.of(TIMESTAMPTZ);
      case "numeric", "decimal" -> Optional.of(NUMERIC);
      case "pg_lsn" -> Optional.of(PG_LSN);
      case "xid8" -> Optional.of(XID8);
      case "xid" -> Optional.of(XID);
      case "oid", "regclass" -> Optional.of(OID);
      default -> Optional.empty();
    };
  }

  /** By an OID that a client names; 0 is unknown. */
  public static Optional<SqlType> ofOid(int oid) {
    for (SqlType type : values()) {
      if (type.oid == oid) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
