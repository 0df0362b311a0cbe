package phaistos.formats;

/**
 * Where a relation's files are: tablespace, database, file number, each an unsigned 32-bit OID
 * (RelFileNode, from 16 on RelFileLocator).
 */
public record RelationLocator(int space, int database, int relation) {
  /** The tablespace pg_default. */
  public static final int DEFAULT_SPACE = 1663;

  /** The tablespace pg_global, whose relations belong to no database. */
  public static final int GLOBAL_SPACE = 1664;

  public static RelationLocator read(ByteReader in) {
    return new RelationLocator(in.i32(), in.i32(), in.i32());
  }

  public void write(ByteWriter out) {
    out.i32(space).i32(database).i32(relation);
  }

  /** The path of the main fork below a data directory of the version that this project writes. */
  public String path() {
    return path("PG_15_202209061");
  }

  /** The path of the main fork; {@code tablespaceVersion} is the name of the version's folder. */
  public String path(String tablespaceVersion) {
    String file = Integer.toUnsignedString(relation);
    return switch (space) {
      case DEFAULT_SPACE -> "base/" + Integer.toUnsignedString(database) + "/" + file;
      case GLOBAL_SPACE -> "global/" + file;
      default ->
          "pg_tblspc/%s/%s/%s/%s"
              .formatted(
                  Integer.toUnsignedString(space),
                  tablespaceVersion,
                  Integer.toUnsignedString(database),
                  file);
    };
  }

  public void appendTo(Text out) {
    out.unsigned(space).append('/').unsigned(database).append('/').unsigned(relation);
  }

  @Override
  public String toString() {
    Text out = new Text();
    appendTo(out);
    return out.toString();
  }
}
