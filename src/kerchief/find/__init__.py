"""kerchief finds: looks at a picture on several scales, merges what was seen, and says where the heads are."""
