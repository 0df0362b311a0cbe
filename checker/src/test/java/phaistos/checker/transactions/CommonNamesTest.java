package phaistos.checker.transactions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CommonNamesTest {
  /** An anomaly without a cycle made the report fail, and the verdict unknown. */
  @ParameterizedTest
  @EnumSource
  void everyAnomalyHasACommonName(Anomaly anomaly) {
    assertFalse(CycleClass.commonName(anomaly).isBlank());
    if (anomaly == Anomaly.G0) {
      assertEquals("write cycle", CycleClass.commonName(anomaly));
    }
  }
}
