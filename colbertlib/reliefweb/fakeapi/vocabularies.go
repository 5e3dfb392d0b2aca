package fakeapi

import (
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib/synth"
)

// otherCategory is the category that ReliefWeb added in 2026.
const otherCategory = 52579

// term is an entry of a vocabulary, with the types that decoding JSON gives.
func term(id int, name string) map[string]any { return map[string]any{"id": float64(id), "name": name} }

var (
	languages = map[string]map[string]any{
		"en": {"id": 267.0, "name": "English", "code": "en"}, "fr": {"id": 268.0, "name": "French", "code": "fr"}, "es": {"id": 269.0, "name": "Spanish", "code": "es"},
	}
	jobTypes   = []map[string]any{term(263, "Job"), term(263, "Job"), term(263, "Job"), term(264, "Consultancy"), term(265, "Internship"), term(266, "Volunteer Opportunity")}
	experience = []map[string]any{term(258, "0-2 years"), term(259, "3-4 years"), term(260, "5-9 years"), term(261, "10+ years")}
	themes     = []map[string]any{term(4590, "Health"), term(4593, "Protection and Human Rights"), term(4604, "Water Sanitation Hygiene"), term(4592, "Food and Nutrition")}
	countries  = []map[string]any{
		country(220, "Somalia", "som", 45.9, 5.8), country(216, "Sierra Leone", "sle", -11.8, 8.6), country(131, "Kenya", "ken", 37.9, 0.5), country(226, "Spain", "esp", -3.6, 40.2),
		country(58, "Chad", "tcd", 18.7, 15.4), country(64, "Colombia", "col", -73.1, 3.9),
	}
)

func country(id int, name, iso3 string, longitude, latitude float64) map[string]any {
	return map[string]any{
		"href": fmt.Sprintf("https://api.reliefweb.int/v2/countries/%d", id), "id": float64(id), "name": name, "shortname": name, "iso3": iso3,
		"location": map[string]any{"lon": longitude, "lat": latitude}, "primary": true,
	}
}

// vocabularies are the reference lists. The career categories are described in our own words.
func vocabularies(generator *synth.Generator) map[string][]map[string]any {
	var categories []map[string]any
	for _, label := range generator.Labels() {
		category := term(label.ID, label.Name)
		category["description"] = label.Description
		categories = append(categories, category)
	}
	rest := term(otherCategory, "Other")
	rest["description"] = "Posts that belong to none of the other categories: drivers of ambulances, divers, interpreters of sign language, pilots, beekeepers."
	return map[string][]map[string]any{
		"career-categories": append(categories, rest), "job-types": jobTypes[2:], "job-experience": experience, "themes": themes,
		"languages": {languages["en"], languages["fr"], languages["es"]},
	}
}
