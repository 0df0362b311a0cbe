package phaistos.server.executor;

import java.util.List;
import java.util.Set;
import phaistos.server.errors.PgError;
import phaistos.server.sql.TypeName;
import phaistos.server.types.SqlType;

/** Types as they are written in SQL. */
final class Types {
  /** Types of PostgreSQL that this server does not have. */
  private static final Set<String> OTHERS =
      Set.of(
          "bytea",
          "json",
          "jsonb",
          "uuid",
          "time",
          "timetz",
          "bit",
          "varbit",
          "bit varying",
          "money",
          "xml",
          "point",
          "line",
          "lseg",
          "box",
          "path",
          "polygon",
          "circle",
          "cidr",
          "macaddr",
          "macaddr8",
          "tsvector",
          "tsquery",
          "int4range",
          "int8range",
          "numrange",
          "tsrange",
          "tstzrange",
          "daterange",
          "regprocedure",
          "regoper",
          "regoperator",
          "regrole",
          "regconfig",
          "regdictionary",
          "refcursor",
          "txid_snapshot",
          "pg_snapshot",
          "jsonpath",
          "national",
          "aclitem",
          "any",
          "trigger",
          "anyelement",
          "anyarray",
          "cstring",
          "internal");

  private Types() {}

  /**
   * @throws PgError 42704 if PostgreSQL has no such type, 0A000 if only this server has not
   */
  static SqlType of(TypeName name) {
    String word = name.name().replaceFirst("^\"(.*)\"$", "$1");
    boolean quoted = !word.equals(name.name());
    SqlType type =
        (quoted ? SqlType.ofTypeName(word) : SqlType.named(word))
            .orElseThrow(
                () ->
                    OTHERS.contains(word)
                        ? PgError.unsupported("type " + word)
                        : PgError.error("42704", "type \"%s\" does not exist".formatted(word)));
    if (word.equals("float") && !name.modifiers().isEmpty() && name.modifiers().getFirst() < 25) {
      type = SqlType.FLOAT4;
    }
    SqlType element = type;
    return name.array()
        ? type.array().orElseThrow(() -> PgError.unsupported("an array of " + element.label()))
        : type;
  }

  /** The limit that a type's modifiers give, as a column of a table has it. */
  static int limit(TypeName name, SqlType type) {
    List<Integer> modifiers = name.modifiers();
    if (name.array() || name.name().equals("float")) {
      return 0;
    }
    boolean character = name.name().equals("char") || name.name().equals("character");
    return switch (type) {
      case BPCHAR -> modifiers.isEmpty() ? character ? 1 : 0 : length(modifiers, name.name());
      case VARCHAR -> modifiers.isEmpty() ? 0 : length(modifiers, name.name());
      case NUMERIC -> modifiers.isEmpty() ? 0 : digits(modifiers);
      default -> {
        if (modifiers.isEmpty()) {
          yield 0;
        }
        if (type.isTime() || type == SqlType.INTERVAL) {
          throw PgError.unsupported("precision of type " + type.label());
        }
        throw PgError.error(
            "42601", "type modifier is not allowed for type \"%s\"".formatted(name.name()));
      }
    };
  }

  private static int length(List<Integer> modifiers, String type) {
    int length = modifiers.getFirst();
    if (length < 1) {
      throw PgError.error(
          "22023",
          "length for type %s must be at least 1"
              .formatted(
                  type.equals("character") ? "char" : type.contains("var") ? "varchar" : type));
    }
    if (length > 10_485_760) {
      throw PgError.error(
          "22023",
          "length for type %s cannot exceed 10485760"
              .formatted(
                  type.equals("character") ? "char" : type.contains("var") ? "varchar" : type));
    }
    return length;
  }

  private static int digits(List<Integer> modifiers) {
    int precision = modifiers.getFirst();
    int scale = modifiers.size() > 1 ? modifiers.get(1) : 0;
    if (precision < 1 || precision > 1000) {
      throw PgError.error(
          "22023", "NUMERIC precision %d must be between 1 and 1000".formatted(precision));
    }
    if (scale < -1000 || scale > 1000) {
      throw PgError.error(
          "22023", "NUMERIC scale %d must be between -1000 and 1000".formatted(scale));
    }
    if (scale < 0) {
      throw PgError.unsupported("numeric with a negative scale");
    }
    return precision << 16 | scale;
  }

  /** A type with its limit, as format_type shows it. */
  static String shown(SqlType type, int limit) {
    if (limit == 0) {
      return type == SqlType.BPCHAR ? "bpchar" : type.label();
    }
    return switch (type) {
      case BPCHAR, VARCHAR -> "%s(%d)".formatted(type.label(), limit);
      case NUMERIC -> "numeric(%d,%d)".formatted(limit >> 16, (short) limit);
      default -> type.label();
    };
  }
}
