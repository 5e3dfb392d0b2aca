package reliefweb

import (
	"cmp"
	"iter"
	"strconv"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/plaintext"
)

// DatasetSource is what a data set's manifest and its advertisements say about where they are from.
const DatasetSource = "reliefweb"

// ReadAds is [ReadJobs] for data sets. It ends after the first error.
func ReadAds(dir string) iter.Seq2[dataset.Ad, error] {
	return func(yield func(dataset.Ad, error) bool) {
		for job, err := range ReadJobs(dir) {
			if !yield(job.Ad(), err) || err != nil {
				return
			}
		}
	}
}

// Ad is the job for data sets; its body stays Markdown. As in the reported experiment, the first category is the label.
func (j Job) Ad() dataset.Ad {
	ad := dataset.Ad{ID: strconv.Itoa(int(j.ID)), Title: j.Title, Body: j.Body, Source: DatasetSource, URL: j.URL}
	if len(j.Categories) > 0 {
		ad.Label = int(j.Categories[0].ID)
	}
	if len(j.Categories) > 1 {
		ad.Second = int(j.Categories[1].ID)
	}
	if len(j.Languages) > 0 {
		ad.Language = j.Languages[0].Code
	}
	if len(j.Sources) > 0 {
		ad.Employer = j.Sources[0].Name
	}
	if !j.Date.Created.IsZero() {
		ad.Date = j.Date.Created.UTC().Format(time.DateOnly)
	}
	return ad
}

// Labels makes labels of categories. Their descriptions become plain text; a category without one is described by its name.
func (c Categories) Labels() []dataset.Label {
	labels := make([]dataset.Label, len(c.List))
	for i, category := range c.List {
		labels[i] = dataset.Label{
			ID: int(category.ID), Name: category.Name,
			Description: cmp.Or(plaintext.FromMarkdown(category.Description), category.Name),
		}
	}
	return labels
}
