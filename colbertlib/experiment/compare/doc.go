// Package compare puts what an experiment reached beside what else one could do: chance, the frequency of labels, BM25, classifiers on words
// and on embeddings, the untrained model with and without a bias for each label, and models trained by several recipes and seeds, each
// also with a little BM25 added.
//
// All rows see the same splits. They learn from the training advertisements, a temperature for their probabilities is chosen on the
// validation ones, the weight of BM25 too, and nothing is chosen on those that judge them. Two variations of the training set can be added: fewer advertisements (the
// learning curve), and none of one label (whether a label can be added by writing its description). A file of few advertisements is judged
// by repeated cross-validation instead.
//
// A comparison has a folder, NAME/comparisons/ID below the folder of results: what was compared, and the scores that each trial gave to each
// label of each judged advertisement, by ids, never with texts. [Open] makes every table and figure from these. [Execute] goes on where
// it was stopped: a finished trial is not run again, and one that was stopped goes on from its checkpoint.
//
// Functions may be called concurrently for different comparisons.
package compare
