"""How a person sees it: the terminal chat, rendering, exports. Faces consume events and nothing else."""
