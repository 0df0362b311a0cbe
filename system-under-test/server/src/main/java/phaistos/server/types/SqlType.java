package phaistos.server.types;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The types that the server knows, with PostgreSQL's names, OIDs, lengths and alignments. */
public enum SqlType {
  BOOL("boolean", "bool", 16, 1, 1, Form.BOOL),
  CHAR("\"char\"", "char", 18, 1, 1, Form.TEXT),
  NAME("name", "name", 19, 64, 1, Form.TEXT),
  INT8("bigint", "int8", 20, 8, 8, Form.INTEGER),
  INT2("smallint", "int2", 21, 2, 2, Form.INTEGER),
  INT4("integer", "int4", 23, 4, 4, Form.INTEGER),
  TEXT("text", "text", 25, -1, 4, Form.TEXT),
  REGPROC("regproc", "regproc", 24, 4, 4, Form.TEXT),
  OID("oid", "oid", 26, 4, 4, Form.UNSIGNED),
  TID("tid", "tid", 27, 6, 2, Form.TID),
  XID("xid", "xid", 28, 4, 4, Form.UNSIGNED),
  CID("cid", "cid", 29, 4, 4, Form.UNSIGNED),
  FLOAT4("real", "float4", 700, 4, 4, Form.FLOAT),
  FLOAT8("double precision", "float8", 701, 8, 8, Form.FLOAT),
  UNKNOWN("unknown", "unknown", 705, -2, 1, Form.TEXT),
  INET("inet", "inet", 869, -1, 4, Form.TEXT),
  BPCHAR("character", "bpchar", 1042, -1, 4, Form.TEXT),
  VARCHAR("character varying", "varchar", 1043, -1, 4, Form.TEXT),
  DATE("date", "date", 1082, 4, 4, Form.DATE),
  TIMESTAMP("timestamp without time zone", "timestamp", 1114, 8, 8, Form.TIME),
  TIMESTAMPTZ("timestamp with time zone", "timestamptz", 1184, 8, 8, Form.TIME),
  INTERVAL("interval", "interval", 1186, 16, 8, Form.INTERVAL),
  NUMERIC("numeric", "numeric", 1700, -1, 4, Form.NUMERIC),
  REGCLASS("regclass", "regclass", 2205, 4, 4, Form.UNSIGNED),
  REGTYPE("regtype", "regtype", 2206, 4, 4, Form.UNSIGNED),
  REGNAMESPACE("regnamespace", "regnamespace", 4089, 4, 4, Form.UNSIGNED),
  RECORD("record", "record", 2249, -1, 8, Form.ARRAY),
  VOID("void", "void", 2278, 4, 4, Form.TEXT),
  PG_LSN("pg_lsn", "pg_lsn", 3220, 8, 8, Form.LSN),
  XID8("xid8", "xid8", 5069, 8, 8, Form.UNSIGNED),
  INT2VECTOR("int2vector", "int2vector", 22, -1, 4, Form.ARRAY),
  OIDVECTOR("oidvector", "oidvector", 30, -1, 4, Form.ARRAY),
  BOOL_ARRAY("boolean[]", "_bool", 1000, -1, 4, Form.ARRAY),
  CHAR_ARRAY("\"char\"[]", "_char", 1002, -1, 4, Form.ARRAY),
  NAME_ARRAY("name[]", "_name", 1003, -1, 4, Form.ARRAY),
  INT2_ARRAY("smallint[]", "_int2", 1005, -1, 4, Form.ARRAY),
  INT4_ARRAY("integer[]", "_int4", 1007, -1, 4, Form.ARRAY),
  TEXT_ARRAY("text[]", "_text", 1009, -1, 4, Form.ARRAY),
  VARCHAR_ARRAY("character varying[]", "_varchar", 1015, -1, 4, Form.ARRAY),
  INT8_ARRAY("bigint[]", "_int8", 1016, -1, 8, Form.ARRAY),
  FLOAT8_ARRAY("double precision[]", "_float8", 1022, -1, 8, Form.ARRAY),
  OID_ARRAY("oid[]", "_oid", 1028, -1, 4, Form.ARRAY),
  NUMERIC_ARRAY("numeric[]", "_numeric", 1231, -1, 4, Form.ARRAY);

  /** How values of a type are kept, and so how they are read, written and compared. */
  public enum Form {
    BOOL,
    /** A signed number. */
    INTEGER,
    /** An unsigned number. */
    UNSIGNED,
    FLOAT,
    NUMERIC,
    TEXT,
    /** Days since 2000-01-01. */
    DATE,
    /** Microseconds since 2000-01-01. */
    TIME,
    INTERVAL,
    LSN,
    /** A block's number in the upper bits, an offset in the lower 16. */
    TID,
    /** A {@link Datum.Array}: arrays, vectors and rows. */
    ARRAY
  }

  private static final Map<Integer, SqlType> BY_OID = new HashMap<>();
  private static final Map<String, SqlType> BY_NAME = new HashMap<>();

  static {
    for (SqlType type : values()) {
      BY_OID.put(type.oid, type);
      BY_NAME.put(type.typeName, type);
      BY_NAME.put(type.label, type);
    }
    BY_NAME.remove("char");
    BY_NAME.putAll(
        Map.of(
            "int",
            INT4,
            "char",
            BPCHAR,
            "float",
            FLOAT8,
            "decimal",
            NUMERIC,
            "serial",
            INT4,
            "serial4",
            INT4,
            "bigserial",
            INT8,
            "serial8",
            INT8,
            "smallserial",
            INT2,
            "serial2",
            INT2));
  }

  private final String label;
  private final String typeName;
  private final int oid;
  private final int length;
  private final int alignment;
  private final Form form;

  SqlType(String label, String typeName, int oid, int length, int alignment, Form form) {
    this.label = label;
    this.typeName = typeName;
    this.oid = oid;
    this.length = length;
    this.alignment = alignment;
    this.form = form;
  }

  /** The type's name in messages: "double precision". */
  public String label() {
    return label;
  }

  /** The name in pg_type: "float8". */
  public String typeName() {
    return typeName;
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

  public Form form() {
    return form;
  }

  public boolean isText() {
    return form == Form.TEXT && this != INET && this != VOID;
  }

  public boolean isInteger() {
    return form == Form.INTEGER;
  }

  public boolean isFloat() {
    return form == Form.FLOAT;
  }

  public boolean isNumber() {
    return isInteger() || isFloat() || this == NUMERIC;
  }

  /** date, timestamp and timestamp with time zone. */
  public boolean isTime() {
    return form == Form.TIME || form == Form.DATE;
  }

  public boolean isArray() {
    return form == Form.ARRAY && this != RECORD;
  }

  /** typcategory of pg_type. */
  public char category() {
    return switch (this) {
      case CHAR -> 'Z';
      case UNKNOWN -> 'X';
      case INET -> 'I';
      case VOID, RECORD -> 'P';
      case OID, REGPROC, REGCLASS, REGTYPE, REGNAMESPACE -> 'N';
      default ->
          switch (form) {
            case BOOL -> 'B';
            case INTEGER, FLOAT, NUMERIC -> 'N';
            case TEXT -> 'S';
            case DATE, TIME -> 'D';
            case INTERVAL -> 'T';
            case ARRAY -> 'A';
            case UNSIGNED, LSN, TID -> 'U';
          };
    };
  }

  /** The type of an array's elements. */
  public Optional<SqlType> element() {
    return switch (this) {
      case INT2VECTOR -> Optional.of(INT2);
      case OIDVECTOR -> Optional.of(OID);
      default ->
          isArray()
              ? Optional.of(BY_NAME.get(typeName.substring(1)))
                  .map(type -> this == CHAR_ARRAY ? CHAR : type)
              : Optional.empty();
    };
  }

  /** The type of an array of this type, if the server has it. */
  public Optional<SqlType> array() {
    for (SqlType type : values()) {
      if (type.typeName.equals("_" + typeName)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** By a name in SQL, which may be folded or not. */
  public static Optional<SqlType> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name.toLowerCase(Locale.ROOT).strip()));
  }

  /** By the name in pg_type: "float8". */
  public static Optional<SqlType> ofTypeName(String name) {
    return Arrays.stream(values()).filter(type -> type.typeName.equals(name)).findFirst();
  }

  /** By an OID that a client names; 0 is unknown. */
  public static Optional<SqlType> ofOid(int oid) {
    return Optional.ofNullable(BY_OID.get(oid));
  }
}
