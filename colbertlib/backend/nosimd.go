//go:build !goexperiment.simd

package backend

// SIMD tells whether this binary was built with GOEXPERIMENT=simd. Without it the Go backend is five to ten times slower.
const SIMD = false
