# amd64 and arm64. Everything comes as wheels, checked against the lock's hashes: no compiler is needed, in either stage.
FROM python:3.13.14-slim-trixie AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv --without-pip /opt/hanlogger && python -m venv /opt/build
COPY requirements.lock requirements-build.lock ./
RUN pip --python /opt/hanlogger/bin/python install --only-binary :all: --require-hashes -r requirements.lock
RUN /opt/build/bin/pip install --only-binary :all: --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY hanlogger hanlogger
RUN /opt/build/bin/pip wheel --no-build-isolation --no-deps --wheel-dir /wheels . \
 && pip --python /opt/hanlogger/bin/python install --no-index --no-deps /wheels/*.whl

FROM python:3.13.14-slim-trixie
LABEL org.opencontainers.image.title=hanlogger org.opencontainers.image.licenses=MIT
COPY --from=build /opt/hanlogger /opt/hanlogger
# A new volume takes the owner of the folder it is mounted on.
RUN useradd --uid 10001 --no-create-home --home-dir /var/lib/hanlogger --shell /usr/sbin/nologin hanlogger \
 && install -d -m 0700 -o 10001 -g 10001 /var/lib/hanlogger
ENV PATH=/opt/hanlogger/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# There goes the state, which changes with each telegram: in memory where /tmp is a tmpfs, as in compose.yaml.
ENV RUNTIME_DIRECTORY=/tmp
USER 10001:10001
ENTRYPOINT ["hanlogger"]
CMD ["run"]
