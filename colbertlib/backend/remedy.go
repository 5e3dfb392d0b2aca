package backend

import "runtime"

// Python wheels that hold the libraries, at the versions that were tried. Those for CUDA were loaded, but no GPU has computed with them: the
// one of results/LOG.md did so with jax-cuda13-pjrt 0.11.2 and older libraries of NVIDIA's.
const (
	onnxWheel  = "onnxruntime==1.32.0"
	cpuWheel   = "lammps-jax-pjrt-cpu==0.11.2"
	cudaWheels = "jax-cuda13-pjrt==0.11.1 nvidia-cublas==13.6.1.10 nvidia-cuda-cupti==13.2.86 nvidia-cuda-nvcc==13.2.86 nvidia-cuda-runtime==13.2.86 " +
		"nvidia-cudnn-cu13==9.24.0.43 nvidia-cufft==12.2.0.57 nvidia-cusolver==12.2.0.11 nvidia-cusparse==12.7.10.12 nvidia-nccl-cu13==2.31.2 " +
		"nvidia-nvjitlink==13.2.86 nvidia-cuda-nvrtc==13.2.86 nvidia-nvshmem-cu13==3.7.2 nvidia-nvvm==13.2.86"
)

// installCommand fetches a candidate's library, at the version that it was tried with, or fetches it again in place of a damaged one.
func (m machine) installCommand(name string, again bool) string {
	command := "python3 -m pip install --no-deps "
	if again {
		command += "--force-reinstall "
	}
	command += map[string]string{onnxName: onnxWheel, xlaCPU: cpuWheel, xlaCUDA: cudaWheels}[name]
	if variable := m.named(name); variable != "" {
		command = "unset " + variable + "; " + command
	}
	return command
}

// named is the environment variable that says where to find a candidate's library, or "" where none does.
func (m machine) named(name string) string {
	variable := pluginFolders
	if name == onnxName {
		variable = onnxLibrary
	}
	if m.getenv(variable) == "" {
		return ""
	}
	return variable
}

// buildCommand builds the program with a kind of backend that it lacks, or is "" where that cannot be.
func buildCommand(kind string) string {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		return ""
	}
	tags := ""
	if kind == xlaName {
		tags = "-tags xla "
	}
	return "CGO_ENABLED=1 GOEXPERIMENT=simd go build " + tags + "-o bin/ ./cmd/jobtagger"
}
