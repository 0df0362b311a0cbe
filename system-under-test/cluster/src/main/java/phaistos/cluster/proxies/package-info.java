/** The links of a cluster as proxies of a Toxiproxy server, wherever that runs. */
package phaistos.cluster.proxies;
