{{/*
Chart name and version, as the chart label has them.
*/}}
{{- define "epo-export.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
Labels of everything.
*/}}
{{- define "epo-export.labels" -}}
helm.sh/chart: {{ include "epo-export.chart" . }}
{{ include "epo-export.selectorLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/*
Labels by which pods are found.
*/}}
{{- define "epo-export.selectorLabels" -}}
app.kubernetes.io/name: "epo-export"
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/*
Hooks before a migration: what its job needs must be there first.
*/}}
{{- define "epo-export.hookAnnotations" -}}
{{- if .Values.config.updateSchema }}
annotations:
  helm.sh/hook: "pre-install,pre-upgrade"
  helm.sh/hook-delete-policy: "before-hook-creation"
  helm.sh/hook-weight: "0"
{{- end }}
{{- end }}

{{- define "epo-export.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "epo-export.podSecurityContext" -}}
fsGroup: 1000
runAsGroup: 1000
runAsNonRoot: true
runAsUser: 1000
seccompProfile:
  type: "RuntimeDefault"
{{- with .Values.supplementalGroups }}
supplementalGroups:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "epo-export.securityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop:
    - "ALL"
readOnlyRootFilesystem: true
{{- end }}

{{/*
Settings that API and worker share.
*/}}
{{- define "epo-export.env" -}}
- name: "DATABASE_URL"
  value: {{ required "config.databaseUrl must be set" .Values.config.databaseUrl | quote }}
- name: "PGPASSWORD"
  valueFrom:
    secretKeyRef:
      name: "epo-export"
      key: "database-password"
{{- if .Values.config.butlerDatabaseAuth }}
- name: "LSST_DB_AUTH"
  value: "/etc/butler/db-auth.yaml"
{{- end }}
{{- end }}

{{- define "epo-export.volumeMounts" -}}
- name: "config"
  mountPath: "/etc/epo-export"
  readOnly: true
- name: "data"
  mountPath: "/data"
- name: "tmp"
  mountPath: "/tmp"
{{- if .Values.config.butlerDatabaseAuth }}
- name: "butler-db-auth"
  mountPath: "/etc/butler"
  readOnly: true
{{- end }}
{{- range .Values.repositoryVolumes }}
- name: {{ .name | quote }}
  mountPath: {{ .mountPath | quote }}
  readOnly: true
{{- end }}
{{- end }}

{{- define "epo-export.volumes" -}}
- name: "config"
  configMap:
    name: "epo-export"
- name: "data"
  persistentVolumeClaim:
    claimName: {{ .Values.storage.existingClaim | default "epo-export" | quote }}
- name: "tmp"
  emptyDir:
    sizeLimit: "1Gi"
{{- if .Values.config.butlerDatabaseAuth }}
- name: "butler-db-auth"
  secret:
    # libpq and the Butler refuse credentials that others could read.
    defaultMode: 0400
    secretName: "epo-export"
    items:
      - key: "butler-db-auth"
        path: "db-auth.yaml"
{{- end }}
{{- range .Values.repositoryVolumes }}
- name: {{ .name | quote }}
  {{- toYaml .source | nindent 2 }}
{{- end }}
{{- end }}

{{/*
What cannot work is refused here, in a sentence, and not at three in the
morning.
*/}}
{{- define "epo-export.check" -}}
{{- if eq (required "config.publicHost must be set" .Values.config.publicHost) (required "global.host must be set" .Values.global.host) }}
{{- fail "config.publicHost must not be the host of the RSP: what PIs publish must share no cookie with it" }}
{{- end }}
{{- if ne .Values.config.pathPrefix "/epo-export" }}
{{- fail "config.pathPrefix must be /epo-export: the service answers nowhere else" }}
{{- end }}
{{- if and (ne .Values.storage.accessMode "ReadWriteMany") (or (gt (int .Values.api.replicaCount) 1) (gt (int .Values.worker.replicaCount) 1)) }}
{{- fail "several API or worker pods need storage.accessMode ReadWriteMany: they share quarantine/ and public/" }}
{{- end }}
{{- end }}
