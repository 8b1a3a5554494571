{{- /* An image's address: (list root name whole tag): `whole` overrides all of it, the registry only its start. */ -}}
{{- define "trident.image" -}}
{{- $root := index . 0 }}{{- $whole := index . 2 -}}
{{ $whole | default (printf "%s/%s:%s" ($root.Values.imageRegistry | default "docker.io/netapp") (index . 1) (index . 3)) }}
{{- end }}

{{- /* true or false, whatever the value's type. */ -}}
{{- define "trident.boolean" -}}
{{ ternary "true" "false" (eq "true" (toString .)) }}
{{- end }}

{{- /* Tolerations as the orchestrator takes them, every value a string: (list key tolerations). */ -}}
{{- define "trident.tolerations" -}}
{{- with index . 1 }}
{{ index $ 0 }}:
  {{- range . }}
  -
    {{- range $name, $value := . }}
    {{ $name }}: {{ $value | quote }}
    {{- end }}
  {{- end }}
{{- end }}
{{- end }}

{{- /* A node selector, every value a string: (list key selector). */ -}}
{{- define "trident.nodeSelector" -}}
{{- with index . 1 }}
{{ index $ 0 }}:
  {{- range $name, $value := . }}
  {{ $name }}: {{ $value | quote }}
  {{- end }}
{{- end }}
{{- end }}
