package plaintext_test

import (
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib/plaintext"
)

func ExampleFromMarkdown() {
	fmt.Println(plaintext.FromMarkdown("## Duties\n\n* Digs **wells** &amp; latrines.\n* Reports to the [coordinator](https://example.org)."))
	// Output:
	// Duties
	// Digs wells & latrines.
	// Reports to the coordinator.
}

func ExampleMask() {
	text, masked := plaintext.Mask("Closing date 31.12.2026. Questions: jobs [at] example.org, tel. +254 712 345 678 (ref. 2026-00417).")
	fmt.Println(text)
	fmt.Println(masked.Emails, masked.Phones)
	// Output:
	// Closing date 31.12.2026. Questions: [email], tel. [phone] (ref. 2026-00417).
	// 1 1
}
