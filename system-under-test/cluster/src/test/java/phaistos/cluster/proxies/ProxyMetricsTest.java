package phaistos.cluster.proxies;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import phaistos.cluster.proxies.ProxyMetrics.Counters;

class ProxyMetricsTest {
  @Test
  void readsBothCountersOfBothStreams() {
    ProxyMetrics metrics =
        ProxyMetrics.parse(
            """
            # HELP toxiproxy_proxy_received_bytes_total
            # TYPE toxiproxy_proxy_received_bytes_total counter
            toxiproxy_proxy_received_bytes_total{direction="downstream",listener="10.0.0.2:15001",proxy="n1-n2",upstream="n2:5432"} 1.234567e+06
            toxiproxy_proxy_received_bytes_total{direction="upstream",listener="10.0.0.2:15001",proxy="n1-n2",upstream="n2:5432"} 17
            # TYPE toxiproxy_proxy_sent_bytes_total counter
            toxiproxy_proxy_sent_bytes_total{direction="upstream",listener="10.0.0.2:15001",proxy="n1-n2",upstream="n2:5432"} 12
            """);
    assertEquals(new Counters(17, 12), metrics.of("n1-n2", true));
    assertEquals(5, metrics.of("n1-n2", true).missing());
    assertEquals(new Counters(1_234_567, 0), metrics.of("n1-n2", false));
    assertEquals(Counters.NONE, metrics.of("n2-n1", true));
  }
}
