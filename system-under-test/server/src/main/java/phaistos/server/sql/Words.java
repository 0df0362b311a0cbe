package phaistos.server.sql;

/** SQL's own words. */
public final class Words {
  private Words() {}

  /** Whether a word names a column or a table only in quotes. */
  public static boolean isReserved(String word) {
    return TokenReader.isReserved(word) || TokenReader.isTypeOrFunction(word);
  }
}
