package phaistos.server.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

/** What a PostgreSQL 15 answered to pg_size_pretty. */
class SizePrettyTest {
  @Test
  void roundsAsPostgresDoes() {
    String[][] answers = {
      {"0", "0 bytes"},
      {"10239", "10239 bytes"},
      {"10240", "10 kB"},
      {"-10240", "-10 kB"},
      {"10485759", "10 MB"},
      {"10485760", "10 MB"},
      {"20480", "20 kB"},
      {"1048575", "1024 kB"},
      {"123456789", "118 MB"},
      {"1234567890123", "1150 GB"},
      {"9223372036854775807", "8192 PB"},
      {"123456789.7", "118 MB"},
      {"10240.5", "10 kB"},
      {"-5.5", "-5.5 bytes"},
      {"100000000000000000000", "88818 PB"},
    };
    for (String[] each : answers) {
      assertEquals(each[1], SizePretty.of(new BigDecimal(each[0])), each[0]);
    }
  }
}
