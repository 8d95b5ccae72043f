"""What is declared, locked and installed, held together; and the locks made anew."""
