/* The viewer's page as bytes of the program; web/ holds its source (see out/html.c). */
	.section .rodata
	.global viewer_page, viewer_page_end
viewer_page:
	.incbin "viewer.html"
viewer_page_end:
	.byte 0
	.section .note.GNU-stack,"",%progbits
