package phaistos.runner;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Generates SQL of which servers must give the same answers: expressions, casts, comparisons,
 * functions, defaults, orderings and keys over values at the limits of their types. The same seed
 * gives the same statements.
 */
final class SqlStatements {
  private static final String[] INTEGERS = {
    "0",
    "1",
    "-1",
    "2",
    "7",
    "10",
    "-3",
    "32767",
    "-32768",
    "32768",
    "2147483647",
    "-2147483648",
    "2147483648",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "null"
  };
  private static final String[] DECIMALS = {
    "0.0",
    "1.5",
    "-2.5",
    "2.50",
    "0.001",
    "123456.789",
    "1e20",
    "-1e-10",
    "99999.99",
    ".5",
    "3.",
    "0.3333",
    "10000.0001",
    "1e30",
    "7.0000000"
  };
  private static final String[] FLOATS = {
    "'0'::float8",
    "'-0'::float8",
    "1.5::float8",
    "2.5::float8",
    "3.5::float8",
    "-2.5::float8",
    "1e308::float8",
    "-1e308::float8",
    "1e-320::float8",
    "'NaN'::float8",
    "'Infinity'::float8",
    "'-Infinity'::float8",
    "0.1::float8",
    "1e15::float8",
    "123456789012345678::float8",
    "1e-5::float8",
    "0.0001::float8",
    "1.5::float4",
    "0.1::float4",
    "3e38::float4",
    "1e6::float4"
  };
  private static final String[] TEXTS = {
    "''",
    "'a'",
    "'ab'",
    "'ab '",
    "' ab'",
    "'A'",
    "'b%'",
    "'a_c'",
    "'1'",
    "' 12 '",
    "'-0'",
    "'1e3'",
    "'true'",
    "'t'",
    "'no'",
    "'\u00e9'",
    "'\ud83d\ude00x'",
    "'\uffff'",
    "'it''s'",
    "E'a\\nb'",
    "'abcdefghij'",
    "'2020-01-01'",
    "'x'::text",
    "'ab'::char(4)",
    "'ab '::char(4)",
    "'ab'::varchar",
    "'abcdef'::varchar(3)",
    "'abcdef'::char(3)",
    "'ab'::name",
    "null::text",
    "'0/16B3748'",
    "'{1,2}'"
  };
  private static final String[] BOOLS = {"true", "false", "null::bool", "'yes'::bool"};
  private static final String[] TIMES = {
    "date '2020-02-29'", "date '1999-12-31'", "timestamp '2020-02-29 12:34:56.789'",
    "timestamptz '2020-01-01 00:00:00+02'", "interval '1 day 02:03:04'", "interval '1 mon -1 day'",
    "interval '36 hours'", "timestamp '2000-01-01'", "null::date"
  };
  private static final String[] OTHERS = {
    "'0/16B3748'::pg_lsn",
    "'0/0'::pg_lsn",
    "'FF/FFFFFFFF'::pg_lsn",
    "23::oid",
    "'5'::xid8",
    "array[1,2,3]",
    "'{1,null,3}'::int[]",
    "array['a','b c','d\"e']"
  };
  private static final String[][] VALUES = {
    INTEGERS, DECIMALS, FLOATS, TEXTS, BOOLS, TIMES, OTHERS
  };
  private static final String[] TYPES = {
    "int2", "int", "bigint", "numeric", "numeric(5,2)", "numeric(10)", "float8", "real", "text",
    "varchar", "varchar(3)", "char", "char(4)", "bpchar", "name", "bool", "date", "timestamp",
    "timestamptz", "interval", "pg_lsn", "oid", "int[]", "text[]"
  };

  /** An array or a name as a column is refused; that is tested elsewhere. */
  private static final String[] COLUMN_TYPES =
      java.util.Arrays.stream(TYPES)
          .filter(type -> !type.endsWith("[]") && !type.equals("name"))
          .toArray(String[]::new);

  private static final String[] ARITHMETIC = {"+", "-", "*", "/", "%", "||", "&", "|", "#", "<<"};
  private static final String[] COMPARISONS = {"=", "<>", "<", "<=", ">", ">=", "!="};
  private static final String[] FUNCTIONS = {
    "abs(%s)",
    "round(%s)",
    "trunc(%s)",
    "ceil(%s)",
    "floor(%s)",
    "sign(%s)",
    "length(%s)",
    "upper(%s)",
    "lower(%s)",
    "coalesce(%s, %s)",
    "nullif(%s, %s)",
    "greatest(%s, %s)",
    "least(%s, %s, %s)",
    "mod(%s, %s)",
    "substr(%s, 2)",
    "substring(%s from 2 for 2)",
    "left(%s, 2)",
    "right(%s, -1)",
    "position(%s in %s)",
    "replace(%s, 'a', 'xy')",
    "btrim(%s)",
    "ltrim(%s, 'a')",
    "reverse(%s)",
    "repeat(%s, 2)",
    "lpad(%s, 5, 'xy')",
    "concat(%s, %s)",
    "round(%s, 2)",
    "trunc(%s, 1)",
    "octet_length(%s)",
    "strpos(%s, %s)",
    "split_part(%s, 'b', 1)",
    "ascii(%s)",
    "extract(epoch from %s)",
    "extract(day from %s)",
    "date_trunc('month', %s)",
    "concat_ws(',', %s, %s)",
    "to_hex(%s)",
    "quote_literal(%s)",
    "sqrt(%s)"
  };

  private final Random random;

  SqlStatements(long seed) {
    this.random = new Random(seed);
  }

  private String one(String[] of) {
    return of[random.nextInt(of.length)];
  }

  String value() {
    return one(VALUES[random.nextInt(VALUES.length)]);
  }

  /** Values that go together more often than not. */
  private String[] alike() {
    return random.nextInt(4) == 0
        ? VALUES[random.nextInt(VALUES.length)]
        : random.nextBoolean() ? VALUES[random.nextInt(3)] : TEXTS;
  }

  /** An expression, not in parentheses. */
  String expression(int depth) {
    if (depth == 0) {
      return value();
    }
    String[] of = alike();
    return switch (random.nextInt(12)) {
      case 0 -> operand(depth) + "::" + one(TYPES);
      case 1 -> "cast(" + expression(depth - 1) + " as " + one(TYPES) + ")";
      case 2, 3 -> one(of) + " " + one(ARITHMETIC) + " " + one(of);
      case 4 -> operand(depth) + " " + one(ARITHMETIC) + " " + operand(depth);
      case 5 -> one(of) + " " + one(COMPARISONS) + " " + one(of);
      case 6 -> function(depth);
      case 7 -> condition(of);
      case 8 -> "-" + operand(depth);
      case 9 ->
          "case when %s then %s else %s end"
              .formatted(condition(of), expression(depth - 1), expression(depth - 1));
      case 10 ->
          one(INTEGERS)
              + " "
              + one(ARITHMETIC)
              + " "
              + one(DECIMALS)
              + " "
              + one(ARITHMETIC)
              + " "
              + one(INTEGERS);
      default -> one(TEXTS) + " || " + operand(depth);
    };
  }

  private String operand(int depth) {
    return "(" + expression(depth - 1) + ")";
  }

  private String function(int depth) {
    String shape = one(FUNCTIONS);
    String[] of = alike();
    while (shape.contains("%s")) {
      String argument = random.nextInt(5) == 0 ? expression(depth - 1) : one(of);
      shape = shape.replaceFirst("%s", java.util.regex.Matcher.quoteReplacement(argument));
    }
    return shape;
  }

  /** A condition, in a context where the operators around it matter. */
  String condition(String[] of) {
    return switch (random.nextInt(12)) {
      case 0 -> one(of) + " in (" + one(of) + ", " + one(of) + ") and " + one(BOOLS);
      case 1 -> one(BOOLS) + " or " + one(of) + " not in (" + one(of) + ")";
      case 2 -> one(of) + " between " + one(of) + " and " + one(of) + " and " + one(BOOLS);
      case 3 -> "not " + one(of) + " = " + one(of);
      case 4 -> one(of) + " is distinct from " + one(of);
      case 5 -> one(of) + " is not null and " + one(of) + " < " + one(of);
      case 6 -> one(TEXTS) + " like " + one(TEXTS);
      case 7 -> one(TEXTS) + " not ilike " + one(TEXTS) + " or " + one(BOOLS);
      case 8 -> one(of) + " = any (array[" + one(of) + ", " + one(of) + "])";
      case 9 -> "(" + one(of) + " " + one(COMPARISONS) + " " + one(of) + ") is not true";
      case 10 -> one(of) + " + " + one(of) + " " + one(COMPARISONS) + " " + one(of);
      default -> "(" + one(of) + ", 1) " + one(COMPARISONS) + " (" + one(of) + ", 2)";
    };
  }

  String select() {
    String expression = expression(1 + random.nextInt(2));
    return "select %s, pg_typeof(%s)".formatted(expression, expression);
  }

  /** A value in another place: a default, an order, a key, a column's limit. */
  List<String> script(int number) {
    String type = one(COLUMN_TYPES);
    String table = "t" + number;
    String[] of = alike();
    List<String> script = new ArrayList<>();
    switch (random.nextInt(5)) {
      case 0 -> {
        script.add(
            "create table %s (a %s default %s, b int)".formatted(table, type, expression(1)));
        script.add("insert into %s (b) values (1) returning *".formatted(table));
      }
      case 1 -> {
        script.add("create table %s (a %s primary key)".formatted(table, type));
        for (int i = 0; i < 5; i++) {
          script.add("insert into %s values (%s) returning *".formatted(table, one(of)));
        }
        script.add("select count(*) from %s where a = %s".formatted(table, one(of)));
        script.add("insert into %s values (%s) on conflict do nothing".formatted(table, one(of)));
      }
      case 2 -> {
        script.add("create table %s (a %s)".formatted(table, type));
        script.add("insert into %s values (null)".formatted(table));
        script.add("insert into %s select %s returning a".formatted(table, expression(1)));
        script.add("update %s set a = %s returning a".formatted(table, expression(1)));
      }
      case 3 -> script.add(ordering(of));
      default ->
          script.add(
              "select x, count(*) from (values (%s), (%s), (%s)) v(x) group by x order by x"
                  .formatted(one(of), one(of), one(of)));
    }
    if (script.getFirst().startsWith("create")) {
      script.add("drop table " + table);
    }
    return script;
  }

  private String ordering(String[] of) {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      rows.add("(" + one(of) + ")");
    }
    String shape =
        switch (random.nextInt(4)) {
          case 0 -> "select x from (values %s) v(x) order by x desc nulls last";
          case 1 -> "select distinct x from (values %s) v(x) order by 1";
          case 2 -> "select min(x), max(x), count(distinct x) from (values %s) v(x)";
          default -> "select x from (values %s) v(x) order by x";
        };
    return shape.formatted(String.join(", ", rows));
  }
}
