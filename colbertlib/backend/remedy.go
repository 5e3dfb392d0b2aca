package backend

import "runtime"

// Python wheels that hold the libraries, at the versions that were tried. Of those for CUDA the plugin has computed on a GPU, with these or
// nearly these libraries of NVIDIA's: .ci/image/requirements-cuda.txt says what is known.
const (
	onnxWheel  = "onnxruntime==1.32.0"
	cpuWheel   = "lammps-jax-pjrt-cpu==0.11.2"
	cudaWheels = "jax-cuda13-pjrt==0.11.2 nvidia-cublas==13.1.0.3 nvidia-cuda-cupti==13.0.85 nvidia-cuda-nvcc==13.0.88 nvidia-cuda-nvrtc==13.0.88 " +
		"nvidia-cuda-runtime==13.0.96 nvidia-cudnn-cu13==9.19.0.56 nvidia-cufft==12.0.0.61 nvidia-cusolver==12.0.4.66 nvidia-cusparse==12.6.3.3 " +
		"nvidia-nccl-cu13==2.28.9 nvidia-nvjitlink==13.0.88 nvidia-nvshmem-cu13==3.4.5 nvidia-nvvm==13.0.88"
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
