# Three images from one file. See README.md, "Container".
#   cli       (the default) the program alone, pure Go: docker run IMAGE reproduces the table
#   notebook  JupyterLab with the Go kernel, Go, ONNX Runtime and everything compiled, for use without network
#   gpu       notebook with XLA for NVIDIA GPUs
# Built and used on x86-64 (.ci/image/check). Nothing here is x86-64's alone, and the packages have hashes for aarch64 too, but no image was built there.
ARG GO_VERSION=1.26.8
ARG DEBIAN_SUITE=bookworm

FROM golang:${GO_VERSION}-${DEBIAN_SUITE} AS source
ENV GOEXPERIMENT=simd GOTOOLCHAIN=local
WORKDIR /src
COPY . .

# The static program, in the file system of the image that holds nothing else. Folders that users write to are open to all, because
# docker run --user makes any number a user.
FROM source AS build
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /image/usr/local/bin/jobtagger ./cmd/jobtagger
RUN mkdir -p /image/etc/ssl/certs /image/home/app /image/results /image/tmp \
 && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
 && echo 'app:x:1001:1001::/home/app:' >/image/etc/passwd \
 && echo 'app:x:1001:' >/image/etc/group \
 && chmod 1777 /image/home/app /image/results /image/tmp

# The notebooks' tools: the kernel, and what it formats cells with.
FROM source AS tools
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /tools/ github.com/janpfeifer/gonb golang.org/x/tools/cmd/goimports

# The program with ONNX Runtime and XLA, which need cgo, and use the libraries that they find.
FROM source AS build-cgo
RUN go build -tags xla -trimpath -ldflags="-s -w" -o /image/jobtagger ./cmd/jobtagger

# The PJRT plugin looks for its libraries in ../nvidia, and for ptxas in nvidia/bin.
FROM debian:${DEBIAN_SUITE}-slim AS cuda
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3-pip \
 && rm -rf /var/lib/apt/lists/*
COPY .ci/image/requirements-cuda.txt /tmp/
RUN pip install --no-cache-dir --no-deps --no-compile --require-hashes --target /tmp/wheels -r /tmp/requirements-cuda.txt \
 && mkdir -p /usr/local/lib/go-xla && cd /usr/local/lib/go-xla && mv /tmp/wheels/nvidia . \
 && mv /tmp/wheels/jax_plugins/xla_cuda13/xla_cuda_plugin.so nvidia/pjrt_c_api_cuda_plugin.so \
 && find nvidia \( -name '*.a' -o -name include -o -name __pycache__ \) -prune -exec rm -rf {} + \
 && mkdir -p nvidia/bin && ln -s ../cu13/bin/ptxas nvidia/bin/ptxas \
 && for library in libcublas libcublasLt; do ln -s go-xla/nvidia/cu13/lib/$library.so.13 ../; done \
 && rm -rf /tmp/wheels

# JupyterLab, Go and the repository, compiled.
FROM debian:${DEBIAN_SUITE}-slim AS lab
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates gcc libc6-dev python3 python3-venv tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 1001 --create-home app
COPY .ci/image/requirements-jupyter.txt .ci/image/requirements-onnxruntime.txt /tmp/
RUN python3 -m venv /opt/jupyter \
 && /opt/jupyter/bin/pip install --no-cache-dir --require-hashes -r /tmp/requirements-jupyter.txt \
 && /opt/jupyter/bin/pip install --no-cache-dir --require-hashes --no-deps -r /tmp/requirements-onnxruntime.txt \
 && mkdir -m 1777 /go /results
COPY --from=source /usr/local/go /usr/local/go
COPY --from=tools /tools/ /usr/local/bin/
COPY --from=build-cgo /image/jobtagger /usr/local/bin/
ENV HOME=/home/app \
    PATH=/opt/jupyter/bin:/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin \
    GOPATH=/go GOTOOLCHAIN=local GOFLAGS=-buildvcs=false GOEXPERIMENT=simd GOMLX_NO_AUTO_INSTALL=1
USER app
WORKDIR /home/app/jobtagger
COPY --chown=1001:1001 . .
# Fetches and compiles what cells need, and proves with the first notebook that they run. The archives are not needed again once unpacked.
# Open to all users, as above.
RUN umask 000 && chmod 1777 /home/app && jobtagger notebook install \
 && go build ./colbertlib/... ./notebooks/... \
 && jobtagger notebook run notebooks/00_quickstart.ipynb --output /tmp/quickstart.ipynb \
 && rm -rf /tmp/quickstart.ipynb \
 && find /go/pkg/mod/cache/download -name '*.zip' -delete
EXPOSE 8888
HEALTHCHECK --interval=30s --timeout=5s CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8888/api', timeout=4)"]
ENTRYPOINT ["tini", "--"]
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--port=8888", "--no-browser"]

FROM lab AS notebook
ENV GOPROXY=off

FROM lab AS gpu
COPY --from=cuda /usr/local/lib/ /usr/local/lib/
ENV GOFLAGS="-buildvcs=false -tags=xla" NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
RUN go build ./colbertlib/... ./notebooks/...
ENV GOPROXY=off

FROM scratch AS cli
COPY --from=build /image/ /
USER 1001:1001
WORKDIR /home/app
ENV HOME=/home/app PATH=/usr/local/bin
VOLUME /results
ENTRYPOINT ["jobtagger"]
CMD ["reproduce", "--results", "/results"]
