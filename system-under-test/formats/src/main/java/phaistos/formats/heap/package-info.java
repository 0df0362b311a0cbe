/** Pages of tables: line pointers, tuples, infomasks. */
package phaistos.formats.heap;
