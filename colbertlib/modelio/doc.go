// Package modelio reads and writes model files: safetensors, and the folders in which the late-interaction libraries keep
// a model. It knows names, shapes and bytes; what a tensor means is the business of the packages that compute with it.
//
// Everything is read through [io/fs.FS], so that a folder on disk (os.DirFS) and an embedded model are the same to callers.
// Files from elsewhere are not trusted: headers are bounded in size and depth, every offset is checked before any tensor
// is read, and errors name the file, the tensor, what was expected and what was found.
package modelio
