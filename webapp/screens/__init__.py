"""What single pages show, prepared for their templates."""
