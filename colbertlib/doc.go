// Package colbertlib encodes texts with ColBERT models, scores them by late interaction, tags them with labels that are texts, and says why.
//
// A ColBERT model turns a text into one vector per token. A query's score for a document is the sum, over the query's tokens, of
// each one's similarity to the most similar token of the document (MaxSim: Khattab and Zaharia 2020). Here queries are usually long,
// job advertisements for example, and documents short, the descriptions of a few labels; so that a further label needs a
// description, but no training.
//
//	model, err := colbertlib.Load("path/to/model", nil)
//	tagger, err := colbertlib.NewTagger(ctx, model, labels)
//	tagging, err := tagger.Tag(ctx, "Finance Officer\nPrepares the monthly accounts …")
//	why, err := tagger.Explain(ctx, "Finance Officer …", tagging.Tags[0].LabelID, tagging.Tags[1].LabelID)
//
// Models come from folders: those that this module's training writes, those of the other libraries for ColBERT, or a plain Hugging Face
// encoder, which is then used without a projection head. Everything computes in this process, on GoMLX; nothing is ever downloaded.
//
// # Scores and probabilities
//
// A score grows with the text's length (but for models whose rule is a mean) and means nothing by itself: it orders the labels of one text. A [Tag]'s Similarity can be compared
// between texts. Probabilities mean something once a [Calibration] was fitted to labelled texts ([Calibrate]) and stored with the model
// ([WriteCalibration]); [Tagging.Above] then leaves out what is not sure enough.
//
// # Concurrency
//
// A [Model] and a [Tagger] may be used from several goroutines at the same time, but for Close.
package colbertlib
