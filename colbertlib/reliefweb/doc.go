// Package reliefweb gets job advertisements and career categories from ReliefWeb's API, version 2, and keeps them as they came.
//
// [Client] asks the API. [Update] brings a folder of raw pages up to date, over any number of interruptions. [ReadJobs] and [ReadCategories] read
// that folder, [Forget] takes an advertisement out of it. The advertisements belong to the organisations that posted them: keep them to
// yourself, with their ids, sources and links, and publish results, not texts.
//
// # The folder of raw pages
//
// The folder, usually data/raw, holds the API's answers as they were received and one index:
//
//	manifest.json                          the index: see [Manifest]
//	000001-career-categories.json.gz       one answer, compressed with gzip
//	000002-jobs.json.gz
//	000003-jobs.json.gz
//	.lock                                  held by the process that writes
//
// Files are numbered in the order in which they were received, so that they sort. One thing is not as it was received: the appname, which the API
// repeats in its links, is replaced by REDACTED. A file belongs to the folder if and only if the manifest lists it, with its SHA-256 (that of the
// compressed file, as sha256sum prints it) and the request that it answers. The manifest is replaced as a whole after a file is complete
// on disk; whatever a killed process leaves behind is not listed, and is removed by the next one that writes.
//
// Later pages hold newer versions: jobs arrive in the order in which they were last changed, and a job that is changed again arrives again.
// [ReadJobs] therefore goes from the last page to the first and gives each id once. (An update begins a day before the end of the one before it, and a page with the
// second in which the one before it ends, so that some jobs come again unchanged.) What it cannot know is that ReliefWeb has deleted a job: such
// a job stays here until it is forgotten.
//
// [Forget] rewrites a page without the job under a new name (000002-jobs-2.json.gz), and keeps the id in the manifest, so that the job
// does not come back with a later update. A page that was rewritten is no longer as it was received; its hash is that of the new file.
package reliefweb
