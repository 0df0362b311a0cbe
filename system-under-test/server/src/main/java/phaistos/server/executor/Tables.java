package phaistos.server.executor;

import phaistos.server.catalog.Catalog;
import phaistos.server.catalog.KeyIndexes;
import phaistos.server.catalog.Sequences;
import phaistos.server.catalog.Vacuum;
import phaistos.server.heap.Heap;
import phaistos.server.xact.ProcArray;

/** What statements read and change. */
public record Tables(
    Catalog catalog,
    Heap heap,
    KeyIndexes indexes,
    Sequences sequences,
    Vacuum vacuum,
    ProcArray procArray) {}
