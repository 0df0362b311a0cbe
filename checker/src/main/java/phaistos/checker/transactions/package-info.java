/**
 * Transactional anomalies in recorded histories, inferred from what clients saw, after Kingsbury
 * and Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations" (VLDB 2020), and
 * Adya, "Weak Consistency" (1999). Anomalies and models bear the names under which Elle reports
 * them.
 *
 * <p>The way of a history: {@link phaistos.checker.transactions.TransactionsBuilder} turns events
 * into columns ({@link phaistos.checker.transactions.Transactions}); an analysis ({@link
 * phaistos.checker.transactions.ListAppend}, {@link phaistos.checker.transactions.RwRegister})
 * infers version orders, finds what a single look can find, and lists the dependencies; {@link
 * phaistos.checker.transactions.Components} finds what hangs together in cycles; {@link
 * phaistos.checker.transactions.CycleSearch} finds the shortest cycle of each class; {@link
 * phaistos.checker.transactions.TransactionChecker} says which models are ruled out.
 */
package phaistos.checker.transactions;
