# The environment of requirements.lock and conda-lock.yml as an image that runs production notebooks:
#
#   docker build -t nbpromote .                                        Debian's Python, PyPI packages, embedded Java
#   docker build -t nbpromote --build-arg ENVIRONMENT=conda .          Python, Java and Arrow from conda-forge
#   docker run --rm --read-only --tmpfs /tmp -v "$PWD/lake:/lake" -v "$PWD/runs:/repository/runs" \
#     nbpromote notebooks/production/NOTEBOOK.py -p NAME=VALUE
#
# docs/environment.md says what of this was built and run where.
ARG ENVIRONMENT=debian
ARG DEBIAN_IMAGE=debian:12.12-slim
ARG MICROMAMBA_IMAGE=mambaorg/micromamba:2.0.5-debian12-slim

# --- Debian's Python and the PyPI packages -------------------------------------------------------------------------
FROM ${DEBIAN_IMAGE} AS debian-build
# Debian's archive keeps one version of a package, so that a pinned one stops the build at the next security update.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY requirements.lock ./
RUN awk '/^[a-z]/ { on = /^uv==/ } on' requirements.lock > uv.txt \
 && python3 -m venv /opt/uv \
 && /opt/uv/bin/pip install --no-cache-dir --require-hashes -r uv.txt \
 && python3 -m venv --without-pip /opt/environment
ENV UV_NO_CACHE=1 UV_PYTHON=/opt/environment/bin/python UV_CONSTRAINT=/build/requirements.lock \
    UV_BUILD_CONSTRAINT=/build/requirements.lock
# Only what notebooks need: what is asked for comes from pyproject.toml, which version and hash from the lock.
COPY pyproject.toml ./
RUN /opt/uv/bin/uv pip install --requirement pyproject.toml --group notebooks
COPY README.md LICENSE ./
COPY src ./src
COPY commonlib ./commonlib
RUN /opt/uv/bin/uv pip install --no-deps .

FROM ${DEBIAN_IMAGE} AS debian-environment
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends procps python3 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=debian-build /opt/environment /opt/environment

# --- conda-forge's Python, Java and Arrow, and the PyPI packages on top ----------------------------------------------
FROM ${MICROMAMBA_IMAGE} AS conda-build
# This stage writes to /opt and is thrown away; the image itself ends as an ordinary user.
# hadolint ignore=DL3002
USER 0
WORKDIR /build
COPY conda-lock.yml ./
RUN micromamba create --yes --prefix /opt/environment --file conda-lock.yml \
 && micromamba clean --all --yes
COPY requirements.lock pyproject.toml ./
RUN awk '/^[a-z]/ { on = /^uv==/ } on' requirements.lock > uv.txt \
 && /opt/environment/bin/python -m venv /opt/uv \
 && /opt/uv/bin/pip install --no-cache-dir --require-hashes -r uv.txt
ENV UV_NO_CACHE=1 UV_PYTHON=/opt/environment/bin/python UV_BREAK_SYSTEM_PACKAGES=1 \
    UV_CONSTRAINT=/build/requirements.lock UV_BUILD_CONSTRAINT=/build/requirements.lock
RUN /opt/uv/bin/uv pip install --requirement pyproject.toml --group notebooks
COPY README.md LICENSE ./
COPY src ./src
COPY commonlib ./commonlib
RUN /opt/uv/bin/uv pip install --no-deps .

FROM ${DEBIAN_IMAGE} AS conda-environment
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends procps \
 && rm -rf /var/lib/apt/lists/*
COPY --from=conda-build /opt/environment /opt/environment
ENV JAVA_HOME=/opt/environment/lib/jvm

# --- The image -------------------------------------------------------------------------------------------------------
# hadolint ignore=DL3006
FROM ${ENVIRONMENT}-environment
ARG COMMIT=unknown
ARG LOCK_SHA256=unknown
LABEL org.opencontainers.image.title="nbpromote" \
      org.opencontainers.image.licenses="BSD-3-Clause" \
      org.opencontainers.image.revision="${COMMIT}" \
      nbpromote.lock.sha256="${LOCK_SHA256}"
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin notebook \
 && mkdir -p /repository/runs /lake \
 && chown notebook /repository/runs /lake
WORKDIR /repository
COPY notebooks/production ./notebooks/production
COPY pyproject.toml requirements.lock conda-lock.yml environment.yml ./
# A container's own name does not always resolve, and Spark wants to look it up. What is written at run time goes to
# /tmp, so that the file system may be read-only. A container runs one notebook: nothing is kept warm for a next one.
ENV PATH=/opt/environment/bin:$PATH \
    LAKE_ROOT=/lake \
    SPARK_LOCAL_HOSTNAME=localhost \
    PYTHONDONTWRITEBYTECODE=1 \
    NBPROMOTE_WARM=0 \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib
USER 10001
ENTRYPOINT ["nbpromote", "run"]
