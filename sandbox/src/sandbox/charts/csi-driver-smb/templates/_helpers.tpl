{{- define "smb.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* Labels of every object and of every Pod. */ -}}
{{- define "smb.labels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/name: {{ include "smb.name" . | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") | quote }}
{{- with .Values.customLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* An image's address: (list root image suffix). A repository that starts with "/" stands below image.baseRepo. */ -}}
{{- define "smb.image" -}}
{{- $root := index . 0 }}{{- $image := index . 1 }}{{- $suffix := index . 2 -}}
{{ if hasPrefix "/" $image.repository }}{{ $root.Values.image.baseRepo }}{{ end }}{{ $image.repository }}:{{ $image.tag }}{{ $suffix }}
{{- end }}

{{- /* The part that all containers share: (list root name image resources suffix). */ -}}
{{- define "smb.container" -}}
{{- $root := index . 0 }}{{- $image := index . 2 -}}
name: {{ index . 1 }}
image: {{ include "smb.image" (list $root $image (index . 4)) | quote }}
imagePullPolicy: {{ $image.pullPolicy }}
resources: {{- toYaml (index . 3) | nindent 2 }}
{{- end }}

{{- define "smb.pullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{- /* What is set when it has a value: (list key value). */ -}}
{{- define "smb.optional" -}}
{{- with index . 1 }}
{{ index $ 0 }}: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
