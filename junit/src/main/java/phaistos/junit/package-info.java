/** JUnit 5: simulated runs with seeds as invocations, and a test's own PostgreSQL under faults. */
package phaistos.junit;
