// Prints src/api/http/protobuf/messages.ts: the protobuf field numbers of Kubernetes' built-in kinds, from the tags of their Go structs.
// Run it in a folder with a go.mod that requires k8s.io/api: go run protobuf-messages.go > messages.ts
package main

import (
	"fmt"
	"reflect"
	"strings"

	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var own = map[reflect.Type]string{
	reflect.TypeOf(meta.Time{}):          "Time",
	reflect.TypeOf(meta.MicroTime{}):     "Time",
	reflect.TypeOf(resource.Quantity{}):  "Quantity",
	reflect.TypeOf(intstr.IntOrString{}): "IntOrString",
}
var done = map[string]string{}
var order []string

func name(t reflect.Type) string {
	if n, ok := own[t]; ok {
		return n
	}
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Int32, reflect.Int64:
		return "int"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "[]" + name(t.Elem())
	case reflect.Map:
		return "map:" + name(t.Elem())
	case reflect.Ptr:
		return name(t.Elem())
	case reflect.Struct:
		message(t)
		return t.Name()
	}
	panic(t.String())
}

func message(t reflect.Type) {
	if _, ok := done[t.Name()]; ok {
		return
	}
	done[t.Name()] = ""
	order = append(order, t.Name())
	var fields []string
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := strings.Split(f.Tag.Get("protobuf"), ",")
		json := strings.Split(f.Tag.Get("json"), ",")
		if len(tag) < 2 || json[0] == "managedFields" {
			continue
		}
		label := json[0]
		if label == "" {
			label = "..."
		}
		mark := ""
		if f.Type.Kind() == reflect.Ptr || (len(json) == 1 && f.Type.Kind() != reflect.Struct) {
			mark = "!"
		}
		fields = append(fields, tag[1]+" "+label+" "+name(f.Type)+mark)
	}
	done[t.Name()] = strings.Join(fields, ", ")
}

func main() {
	for _, o := range []any{core.Namespace{}, core.Node{}, core.Pod{}, core.Event{}, core.ConfigMap{}, core.Secret{}, coordination.Lease{}, meta.DeleteOptions{}} {
		message(reflect.TypeOf(o))
	}
	fmt.Println("/**\n * The protobuf fields of Kubernetes' built-in kinds, written by test/api/protobuf-messages.go from Kubernetes 1.34: `number name type`, `...` for")
	fmt.Println(" * members that stand in their parent, `!` for fields whose zero value means something.\n */\nexport const MESSAGES: Readonly<Record<string, string>> = {")
	for _, n := range order {
		fmt.Printf("  %s: '%s',\n", n, done[n])
	}
	fmt.Println("};")
}
