# The service in a container:  docker build -t trivia .  &&  docker run -p 8000:8000 -v trivia:/data trivia
# It runs as any user (--user) and on a read-only file system (--read-only); all it writes is below /data.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
# What is installed to run is kept apart from what is needed to build; the former has no installer.
RUN python -m venv --without-pip /opt/trivia && python -m venv /opt/build
COPY requirements/ requirements/
RUN /opt/build/bin/pip --python /opt/trivia/bin/python install --require-hashes -r requirements/runtime.txt \
    && /opt/build/bin/pip install --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md ./
COPY events/ events/
COPY projections/ projections/
COPY migrations/ migrations/
COPY trivia/ trivia/
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /opt/wheel . \
    && /opt/build/bin/pip --python /opt/trivia/bin/python install --no-deps --no-index /opt/wheel/*.whl

FROM python:${PYTHON}-slim
# What installs goes, as nothing will be. Python's own modules come without byte code; whoever may not write it would compile them at
# every start, and for every look at the health.
RUN python -m pip uninstall --yes --root-user-action=ignore pip setuptools wheel \
    && stdlib=$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))') \
    && rm -r "$stdlib/ensurepip" \
    && python -m compileall -q -x '/(site-packages|idlelib|lib2to3|turtledemo)/' "$stdlib" \
    && useradd --uid 10001 --gid 0 --home-dir /data --no-create-home --shell /usr/sbin/nologin trivia \
    && install --directory --mode 0777 /data
COPY --from=build /opt/trivia /opt/trivia
COPY docker/healthcheck.py /opt/healthcheck.py
ENV PATH=/opt/trivia/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/data \
    TMPDIR=/data \
    SQLITE_TMPDIR=/data \
    TRIVIA_HOST=0.0.0.0 \
    TRIVIA_DATABASE_URL=sqlite:////data/trivia.db \
    TRIVIA_DATA_DIR=/data
USER 10001
# Also where trivia.toml is looked for.
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "/opt/healthcheck.py"]
# Without a shell in between, so that SIGTERM reaches the service, which then finishes what it has begun.
STOPSIGNAL SIGTERM
ENTRYPOINT ["trivia"]
CMD ["serve"]
