package phaistos.cluster.fuse;

/** An error of Linux that a request is answered with. */
enum Errno {
  NO_ENTRY(2),
  INPUT_OUTPUT(5),
  EXISTS(17),
  NOT_A_DIRECTORY(20),
  IS_A_DIRECTORY(21),
  INVALID(22),
  NO_SPACE(28),
  NO_SYSTEM_CALL(38),
  NOT_EMPTY(39),
  NOT_SUPPORTED(95);

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  FileError error() {
    return new FileError(this);
  }

  /** Carries the error to where the request is answered; cheap, since programs ask all the time. */
  static final class FileError extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Errno errno;

    private FileError(Errno errno) {
      super(errno.name(), null, false, false);
      this.errno = errno;
    }

    Errno errno() {
      return errno;
    }
  }
}
