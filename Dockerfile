# Two stages: wheels of the hash-locked requirements, then a runtime without shell or packages.
# Pin both bases by digest. Their Python versions must agree: a wheel is built for one.
ARG BUILD_IMAGE=docker.io/library/python:3.13-slim-trixie
ARG RUNTIME_IMAGE=gcr.io/distroless/python3-debian13:nonroot

FROM ${BUILD_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
COPY requirements.txt ./
RUN pip install --no-deps --require-hashes --only-binary :all: --target /app -r requirements.txt
COPY consumer /app/consumer
RUN python -m compileall -q /app

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="coveo-cdc" \
      org.opencontainers.image.description="Debezium change events, pushed to Coveo's index" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONFAULTHANDLER=1 \
    PYTHONDONTWRITEBYTECODE=1
COPY --from=build /app /app
USER 65532:65532
STOPSIGNAL SIGTERM
EXPOSE 9464
ENTRYPOINT ["python3", "-m", "consumer"]
CMD ["run", "--config", "/etc/coveo-cdc/coveo-cdc.yaml"]
