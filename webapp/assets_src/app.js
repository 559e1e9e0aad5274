import "bootstrap";
import "htmx.org";
