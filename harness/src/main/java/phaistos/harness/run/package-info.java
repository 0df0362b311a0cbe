/** The run itself. In the simulator it runs inside the simulation, like the nodes. */
package phaistos.harness.run;
