//go:build goexperiment.simd && amd64

package backend

// SIMD tells whether the Go backend computes with vector instructions. Go has those of amd64 only, and there only in
// binaries built with GOEXPERIMENT=simd: without, it takes five to ten times as long.
const SIMD = true
