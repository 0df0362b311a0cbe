package phaistos.server.executor;

import java.util.List;
import phaistos.server.types.SqlType;

/** What a prepared statement takes and gives; no columns if it gives no rows. */
public record Description(List<SqlType> parameters, List<Outcome.Column> columns) {}
