package phaistos.harness;

import java.util.concurrent.atomic.AtomicInteger;

/** Cuts a run short once so many operations were ok. */
final class CutAfter implements Progress {
  private final Cutoff cutoff;
  private final AtomicInteger left;

  CutAfter(Cutoff cutoff, int operations) {
    this.cutoff = cutoff;
    this.left = new AtomicInteger(operations);
  }

  @Override
  public void countOk() {
    if (left.decrementAndGet() == 0) {
      cutoff.request("SIGINT");
    }
  }

  @Override
  public void phase(String name) {}

  @Override
  public void time(long nanos) {}

  @Override
  public void countFail() {}

  @Override
  public void countInfo() {}

  @Override
  public void countFault() {}

  @Override
  public void lag(long bytes) {}
}
