/**
 * The search for an order of transactions that a consistency model asks for, over what transactions
 * read and wrote ({@link phaistos.checker.transactions.order.Footprints}).
 *
 * <p>What a model asks of the order is a {@link phaistos.checker.transactions.order.Rule}. Up to
 * causal consistency the order in which versions must stand follows from what was read, and a cycle
 * in it is a proof ({@link phaistos.checker.transactions.order.Implied}); above, the question is
 * NP-complete (Papadimitriou 1979; Biswas and Enea, OOPSLA 2019): a schedule is tried first ({@link
 * phaistos.checker.transactions.order.Schedule}), then a search with learned conflicts ({@link
 * phaistos.checker.transactions.order.OrderSearch}).
 */
package phaistos.checker.transactions.order;
