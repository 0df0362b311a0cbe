package phaistos.harness.campaign;

import java.nio.file.Path;

/**
 * A run that a worker is to make.
 *
 * @param number of the run in this store
 * @param options those of {@code run}, without the seed, as a shell takes them
 */
record Job(int number, Entry.Why why, long seed, String options) {
  /** As a worker reads it: the root of its store, seed, options. */
  static String line(Job job, Path store) {
    return store + "\t" + job.seed + "\t" + job.options;
  }
}
